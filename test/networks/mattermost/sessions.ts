import type { Session } from './types.ts';
import type { World } from './world.ts';

/** SessionLengthWebInHours: 30 days. */
const LOGIN_MS = 30 * 24 * 3_600_000;

export function openSession(world: World, userId: string): Session {
  const now = world.clock.now();
  const session: Session = {
    id: world.newId(),
    token: world.newId(),
    create_at: now,
    expires_at: now + LOGIN_MS,
    user_id: userId,
    kind: 'login',
  };
  world.store.sessions.set(session.token, session);
  return session;
}

/** A session by its token: a log-in, or a personal access token, whose first use opens one. */
export function sessionOf(world: Pick<World, 'store' | 'clock' | 'settings'>, token: string): Session | null {
  const { store, clock, settings } = world;
  const session = store.sessions.get(token);
  if (session !== undefined) return session.expires_at > clock.now() ? session : null;
  const access = store.tokens.values().find((one) => one.token === token && one.is_active);
  const user = store.users.get(access?.user_id ?? '');
  if (access === undefined || user === undefined || user.delete_at > 0) return null;
  // Bots' tokens work although personal ones are switched off (web/context.go, SessionRequired).
  if (!user.is_bot && !settings.EnableUserAccessTokens) return null;
  const created = { id: access.id, token, create_at: clock.now(), expires_at: Number.MAX_SAFE_INTEGER };
  return { ...created, user_id: user.id, kind: 'token' };
}

export function endSessions(world: World, userId: string): void {
  for (const session of world.store.sessions.values()) {
    if (session.user_id === userId) world.store.sessions.delete(session.token);
  }
}
