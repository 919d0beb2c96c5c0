import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, nickOf, relationIn } from '../house/eyes.ts';
import * as matrix from '../house/matrix-acts.ts';
import type { MattermostSide } from '../house/mattermost-side.ts';
import type { MattermostUser } from '../house/mattermost-user.ts';
import { metric } from '../house/status.ts';
import { until } from '../house/until.ts';
import { ANNA, BOSSE, openScene, type Scene } from './scene.ts';

const ORGANISATION = '(Försäkringskassan)';

let scene: Scene;
let side: MattermostSide;
let maja: MattermostUser;
let channel: string;
beforeAll(async () => {
  // What waits for a target that never comes is to be done with soon.
  const settings = { limits: { leaseSeconds: 2, asideSeconds: 1 } };
  scene = await openScene({ mattermost: 'nameLine', settings });
  if (scene.house.mattermost === null) throw new Error('no Mattermost');
  side = scene.house.mattermost;
  ({ maja } = side);
  channel = side.channels[0] ?? '';
});
afterAll(() => scene.house.close());

/** Does it, and waits until the hub has refused it. */
async function refused(act: () => Promise<unknown>, reason = 'notEntitled'): Promise<void> {
  const refusals = (): Promise<number> => metric(scene.house, 'brygga_not_admitted_total', { reason });
  const before = await refusals();
  await act();
  await until(`the hub refuses it: ${reason}`, async () => (await refusals()) > before);
}

/** The nick under which XMPP shows a post of that person. */
async function shownAs(person: MattermostUser): Promise<string> {
  const text = scene.text('who am I');
  await person.say(channel, text);
  return nickOf(await scene.eyes.readsXmpp(text));
}

describe('a name on Mattermost that pretends an organisation', () => {
  it.each([
    ['in brackets', 'Anna (Polisen)', 'Anna Polisen'],
    ['turned round', 'Anna \u202e)nesiloP(', 'Anna nesiloP'],
    ['with letters of no width', 'An\u200bna \u2060(Poli\u200dsen)', 'Anna Polisen'],
    ['with controls', 'Anna\u0007 (Poli\u0085sen)', 'Anna Polisen'],
  ])('%s does not', async (_, nickname, shown) => {
    await maja.rename(nickname);
    await until('the name is known', async () => (await shownAs(maja)) === `${shown} ${ORGANISATION}`);
  });

  it('as one from elsewhere does not', async () => {
    await maja.rename(ANNA);
    const shown = `Anna Svensson Skatteverket ${ORGANISATION}`;
    await until('the name is known', async () => (await shownAs(maja)) === shown);
  });
});

describe('somebody on Mattermost', () => {
  it('cannot pass a message off as carried by the hub', async () => {
    await scene.fromMatrix(scene.text('as I said'));
    const theirs = (await scene.eyes.mattermostNow()).at(-1);
    const { brygga } = theirs?.props ?? {};
    expect(brygga).toMatchObject({ hub: 'brygga' });
    const body = {
      channel_id: channel,
      message: 'with a borrowed key',
      props: { brygga: { ...(brygga as object), hops: [] } },
    };
    await maja.account.rest.must('POST', '/posts', body);
    expect(nickOf(await scene.eyes.readsXmpp('with a borrowed key'))).toContain(ORGANISATION);
    await scene.eyes.readsMatrix('with a borrowed key');
  });

  it('cannot write under a name of the hub’s people', async () => {
    await maja.say(channel, `**${ANNA}**: I resign`);
    const stanza = await scene.eyes.onXmpp('it', (one) => bodyOf(one).includes('I resign'));
    expect(nickOf(stanza)).toContain(ORGANISATION);
  });

  it('cannot edit or remove what the hub wrote: the server refuses it', async () => {
    const text = scene.text('as I said');
    await scene.fromMatrix(text);
    const { id } = await scene.eyes.readsMattermost(text);
    await expect(maja.edit(id, 'put in the mouth')).rejects.toThrow('403');
    await expect(maja.remove(id)).rejects.toThrow('403');
  });

  it('can remove it as a moderator, and it is removed everywhere', async () => {
    const text = scene.text('rude');
    const first = await scene.fromMatrix(text, scene.greta);
    const { id } = await scene.eyes.readsMattermost(text);
    await side.admin.rest.must('DELETE', `/posts/${id}`);
    await scene.eyes.goneOnMatrix(first.matrix);
  });

  it('carries round what this hub has carried once, and no more', async () => {
    const say = (message: string, hops: string[]): Promise<unknown> =>
      maja.account.rest.must('POST', '/posts', {
        channel_id: channel,
        message,
        props: { brygga: { key: 'k', part: 0, hub: hops.at(-1), hops } },
      });
    await refused(() => say('round and round', ['elsewhere', 'brygga']), 'loop');
    await say('by another hub', ['elsewhere']);
    const stanza = await scene.eyes.readsXmpp('by another hub');
    expect(stanza.getChildren('hop').map(({ attrs }) => attrs.hub)).toEqual(['elsewhere', 'brygga']);
    expect(scene.eyes.xmppNow().map(bodyOf)).not.toContain('round and round');
  });
});

describe('somebody elsewhere', () => {
  it('cannot edit a message of Mattermost through the bridge', async () => {
    const text = scene.text('as I said');
    const id = await maja.say(channel, text);
    const { event_id } = await scene.eyes.readsMatrix(text);
    await refused(() => matrix.edit(scene.greta, scene.room.matrix, event_id, 'put in the mouth'));
    await refused(() => matrix.edit(scene.anna, scene.room.matrix, event_id, 'put in by the owner'));
    const post = await scene.eyes.onMattermost('it', (one) => one.id === id);
    expect(post).toMatchObject({ message: text, edit_at: 0 });
  });

  it.each(['@all', '@channel', '@here', '@room', '@maja', '<!channel>', '@\u200ball', '&#64;all'])(
    'calls nobody on Mattermost: %s',
    async (call) => {
      const text = `${call} ${scene.text('come here')}`;
      await scene.anna.say(scene.room.matrix, text, { 'm.mentions': { room: true } });
      await scene.xmpp.say('bosse', scene.room.muc, `${text} too`);
      for (const end of [text.slice(call.length + 1), `${text.slice(call.length + 1)} too`]) {
        const post = await scene.eyes.onMattermost(end, ({ message }) => message.endsWith(end));
        expect(side.server.pinged(post.id)).toEqual({ userIds: [], channelWide: false });
      }
    },
  );
});

describe('what one network takes and another does not', () => {
  it('70 KB of text arrive in parts, which are edited and removed as one', async () => {
    const [long, words] = ['word '.repeat(14_000), (text: string) => text.split(/\s+/).filter(Boolean)];
    const before = new Set((await scene.eyes.mattermostNow()).map(({ id }) => id));
    const first = await scene.xmpp.say('bosse', scene.room.muc, long);
    const parts = async () => (await scene.eyes.mattermostNow()).filter(({ id }) => !before.has(id));
    const shown = async (): Promise<string[]> =>
      words((await parts()).map(({ message }) => message.replace(`**${BOSSE}**: `, '')).join(' '));
    await until('all of it is there', async () => (await shown()).length === 14_000);
    expect((await parts()).length).toBeGreaterThan(4);
    const fresh = 'mended '.repeat(3000);
    await scene.xmpp.edit('bosse', scene.room.muc, first, fresh);
    await until('the new text is there', async () => (await shown()).join(' ') === words(fresh).join(' '));
    await scene.xmpp.retract('bosse', scene.room.muc, first.stanzaId);
    await until('it is gone', async () => (await parts()).length === 0);
  });

  it('controls, which XML cannot hold, are left out', async () => {
    await maja.say(channel, 'be\u0001fore \u0008and\u000c after');
    await scene.eyes.readsXmpp('before and after');
    expect(relationIn(await scene.eyes.readsMatrix('before and after'))).toEqual({});
  });
});
