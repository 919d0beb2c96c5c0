import type { Route } from './call.ts';
import { BOTS } from './rest/bots.ts';
import { CHANNELS } from './rest/channels.ts';
import { FILES } from './rest/files.ts';
import { HOOKS } from './rest/hooks.ts';
import { MEMBERS } from './rest/members.ts';
import { PICTURES } from './rest/pictures.ts';
import { POSTS } from './rest/posts.ts';
import { REACTIONS } from './rest/reactions.ts';
import { SYSTEM } from './rest/system.ts';
import { TEAMS } from './rest/teams.ts';
import { USERS } from './rest/users.ts';

/** All that is served. Where two patterns fit, the earlier counts: `/users/tokens/revoke` before `/users/:user_id/…`. */
export const ROUTES: readonly Route[] = [
  ...SYSTEM,
  ...BOTS,
  ...USERS,
  ...TEAMS,
  ...MEMBERS,
  ...CHANNELS,
  ...REACTIONS,
  ...POSTS,
  ...FILES,
  ...PICTURES,
  ...HOOKS,
];
