import { randomUUID } from 'node:crypto';
import { xml } from '@xmpp/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, nickOf, relationIn, stampOf } from '../house/eyes.ts';
import * as matrix from '../house/matrix-acts.ts';
import { metric } from '../house/status.ts';
import { until } from '../house/until.ts';
import * as acts from '../house/xmpp-acts.ts';
import { ANNA, type Both, openScene, type Scene } from './scene.ts';

const REPLACE = 'urn:xmpp:message-correct:0';
const RETRACT = 'urn:xmpp:message-retract:1';
const SID = 'urn:xmpp:sid:0';
const MARKER = 'org.brygga.origin';

let scene: Scene;
beforeAll(async () => {
  // What waits for a target that never comes is to be done with soon.
  scene = await openScene({ settings: { limits: { leaseSeconds: 2, asideSeconds: 1 } } });
});
afterAll(() => scene.house.close());

const refusals = (reason = 'notEntitled'): Promise<number> =>
  metric(scene.house, 'brygga_not_admitted_total', { reason });

/** Does it, and waits until the hub has refused it. */
async function refused(act: () => Promise<unknown>, reason = 'notEntitled'): Promise<void> {
  const before = await refusals(reason);
  await act();
  await until(`the hub refuses it: ${reason}`, async () => (await refusals(reason)) > before, {
    withinMs: 10_000,
  });
}

/** That message is what it was, on both sides. */
async function expectUntouched(both: Both, text: string): Promise<void> {
  await scene.eyes.flushed();
  expect(await scene.eyes.archivedText(both.xmpp.stanzaId)).toBe(text);
  const stanzas = scene.eyes.xmppNow();
  const replaced = stanzas
    .filter((stanza) => nickOf(stanza) !== 'Cilla') // what she forged, as everybody sees it
    .map((stanza) => stanza.getChild('replace', REPLACE)?.attrs.id);
  expect(replaced).not.toContain(both.xmpp.id);
  const removed = stanzas
    .filter((stanza) => nickOf(stanza) === '' || nickOf(stanza) === ANNA)
    .map((stanza) => stanza.getChild('retract', RETRACT)?.attrs.id);
  expect(removed).not.toContain(both.xmpp.stanzaId);
  const timeline = await scene.eyes.matrixNow();
  const event = timeline.find(({ event_id }) => event_id === both.matrix);
  expect(event?.content.body).toBe(text);
  expect(event?.unsigned?.redacted_because).toBeUndefined();
}

/** No edit of that message by its own author is to be seen on Matrix: no other counts there. */
async function expectNoEditOnMatrix(both: Both): Promise<void> {
  const timeline = await scene.eyes.matrixNow();
  const author = timeline.find(({ event_id }) => event_id === both.matrix)?.sender;
  const edits = timeline.filter((event) => relationIn(event).event_id === both.matrix);
  expect(edits.filter(({ sender }) => sender === author)).toEqual([]);
}

describe('somebody on Matrix', () => {
  it.each(['ghost', 'person'])('cannot edit a message of another %s through the bridge', async (whose) => {
    const text = scene.text('as I said');
    const first = whose === 'ghost' ? await scene.fromXmpp(text) : await scene.fromMatrix(text);
    await refused(() => matrix.edit(scene.greta, scene.room.matrix, first.matrix, 'put in the mouth'));
    await expectUntouched(first, text);
    expect(scene.eyes.xmppNow().map(bodyOf)).not.toContain('put in the mouth');
  });

  it('cannot edit one even as a moderator', async () => {
    const text = scene.text('as I said');
    const first = await scene.fromXmpp(text);
    await refused(() => matrix.edit(scene.anna, scene.room.matrix, first.matrix, 'put in by the owner'));
    await expectUntouched(first, text);
  });

  it('cannot remove one: the homeserver refuses it', async () => {
    const text = scene.text('as I said');
    const first = await scene.fromXmpp(text);
    await expect(matrix.redact(scene.greta, scene.room.matrix, first.matrix)).rejects.toThrow('M_FORBIDDEN');
    await expectUntouched(first, text);
  });

  it('cannot register as a ghost', async () => {
    const answer = await fetch(`${scene.house.synapse.url}/_matrix/client/v3/register`, {
      method: 'POST',
      body: JSON.stringify({
        username: scene.ghosts.bosse.slice(1).split(':', 1)[0],
        password: 'a-long-password',
        auth: { type: 'm.login.dummy' },
      }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errcode: expect.stringMatching(/EXCLUSIVE|INVALID_USERNAME|IN_USE/),
    });
  });

  it('cannot pass a message off as carried by the hub', async () => {
    const theirs = await scene.fromXmpp(scene.text('as I said'));
    const event = await scene.eyes.onMatrix('it', ({ event_id }) => event_id === theirs.matrix);
    const marker = event.content[MARKER] as { key: string; hub: string };
    await scene.greta.say(scene.room.matrix, 'with a borrowed key', { [MARKER]: { ...marker, hops: [] } });
    await scene.eyes.readsXmpp('with a borrowed key');
    await matrix.react(scene.greta, scene.room.matrix, theirs.matrix, '👍', { [MARKER]: { key: 'x' } });
    await scene.eyes.onXmpp(
      'the reaction, on the right message',
      (stanza) => stanza.getChild('reactions', 'urn:xmpp:reactions:0')?.attrs.id === theirs.xmpp.stanzaId,
    );
  });
});

describe('somebody on XMPP', () => {
  const correction = (id: string) => xml('replace', { xmlns: REPLACE, id });

  it('cannot correct another’s message by its own id: the text is theirs', async () => {
    const text = scene.text('as I said');
    const first = await scene.fromXmpp(text);
    await scene.xmpp.say('cilla', scene.room.muc, 'put in the mouth', correction(first.xmpp.id));
    expect((await scene.eyes.readsMatrix('put in the mouth')).sender).toBe(scene.ghosts.cilla);
    await expectNoEditOnMatrix(first);
    await expectUntouched(first, text);
  });

  it('cannot correct another’s message by its stanza-id', async () => {
    const text = scene.text('as I said');
    const first = await scene.fromXmpp(text);
    const forged = correction(first.xmpp.stanzaId);
    await refused(() => scene.xmpp.say('cilla', scene.room.muc, 'put in as well', forged));
    await expectNoEditOnMatrix(first);
    await expectUntouched(first, text);
  });

  it('cannot correct a ghost’s message', async () => {
    const text = scene.text('as I said');
    const first = await scene.fromMatrix(text);
    for (const id of [first.xmpp.id, first.xmpp.stanzaId])
      await refused(() => scene.xmpp.say('cilla', scene.room.muc, scene.text('put in'), correction(id)));
    await expectNoEditOnMatrix(first);
    const event = await scene.eyes.onMatrix('it', ({ event_id }) => event_id === first.matrix);
    expect(event.content.body).toBe(text);
  });

  it('cannot correct by the nick of somebody who left', async () => {
    const { xmpp, room } = scene;
    await xmpp.join('frida', room.muc, 'Frida');
    const first = await scene.fromXmpp(scene.text('as Frida said'), 'frida');
    await xmpp.leave('frida', room.muc);
    await until(
      'Frida is gone',
      async () => (await acts.tryNick(xmpp, 'gunnar', room.muc, 'Frida')) === null,
    );
    await xmpp.say('gunnar', room.muc, 'not Frida', correction(first.xmpp.id));
    const shown = await scene.eyes.readsMatrix('not Frida');
    expect(relationIn(shown).rel_type).toBeUndefined();
    const author = await scene.eyes.onMatrix('hers', ({ event_id }) => event_id === first.matrix);
    expect(shown.sender).not.toBe(author.sender);
    await refused(() => xmpp.retract('gunnar', room.muc, first.xmpp.stanzaId));
    await expectNoEditOnMatrix(first);
    await xmpp.leave('gunnar', room.muc);
  });

  it.each(['person', 'ghost'])('cannot retract a message of another %s', async (whose) => {
    const text = scene.text('as I said');
    const first = whose === 'ghost' ? await scene.fromMatrix(text) : await scene.fromXmpp(text);
    await refused(() => scene.xmpp.retract('cilla', scene.room.muc, first.xmpp.stanzaId));
    await expectUntouched(first, text);
  });

  it('cannot pass for the room and moderate', async () => {
    const text = scene.text('as I said');
    const first = await scene.fromMatrix(text);
    const by = `${scene.room.muc}/Bosse`;
    const moderated = xml('moderated', { xmlns: 'urn:xmpp:message-moderate:1', by });
    const id = first.xmpp.stanzaId;
    const retract = xml('retract', { xmlns: RETRACT, id }, moderated);
    const old = xml(
      'moderated',
      { xmlns: 'urn:xmpp:message-moderate:0', by },
      xml('retract', { xmlns: RETRACT }),
    );
    const apply = xml('apply-to', { xmlns: 'urn:xmpp:fasten:0', id }, old);
    await refused(() => scene.xmpp.say('cilla', scene.room.muc, 'removed', retract, apply));
    await expectUntouched(first, text);
  });

  it('reacts in their own name only', async () => {
    const { xmpp, room } = scene;
    const first = await scene.fromMatrix(scene.text('react to this'));
    const bosse = scene.eyes.xmppNow().find((stanza) => nickOf(stanza) === 'Bosse');
    const occupant = String(bosse?.getChild('occupant-id', 'urn:xmpp:occupant-id:0')?.attrs.id);
    expect(occupant).not.toBe('undefined');
    const forged = [
      xml('occupant-id', { xmlns: 'urn:xmpp:occupant-id:0', id: occupant }),
      xml('x', { xmlns: 'http://jabber.org/protocol/muc#user' }, xml('item', { jid: xmpp.jid('bosse') })),
    ];
    const thumb = xml('reaction', {}, '👎');
    const reactions = xml('reactions', { xmlns: 'urn:xmpp:reactions:0', id: first.xmpp.stanzaId }, thumb);
    await xmpp.message('cilla', room.muc, ...forged, reactions, xml('store', { xmlns: 'urn:xmpp:hints' }));
    const reaction = await scene.eyes.onMatrix(
      'the reaction',
      (event) => event.type === 'm.reaction' && relationIn(event).event_id === first.matrix,
    );
    expect(reaction.sender).toBe(scene.ghosts.cilla);
  });
});

describe('a borrowed address on XMPP', () => {
  it('of one of the hub’s own silences nobody', async () => {
    const { xmpp, room } = scene;
    const jid = 'skv-matrix+=40anna=3alocalhost@bridge.localhost';
    const item = xml('item', { jid: `${jid}/brygga` });
    const user = xml('x', { xmlns: 'http://jabber.org/protocol/muc#user' }, item);
    await xmpp.say('cilla', room.muc, 'from a borrowed address', user);
    expect((await scene.eyes.readsMatrix('from a borrowed address')).sender).toBe(scene.ghosts.cilla);
  });
});

describe('a forged id on XMPP', () => {
  /** Says it under an id the hub has given a message of its own. */
  async function borrowed(from: Both, text: string): Promise<string> {
    const { xmpp, room } = scene;
    await xmpp.raw('cilla', room.muc, from.xmpp.id, xml('body', {}, text));
    const stanza = await scene.eyes.onXmpp(text, (one) => bodyOf(one) === text);
    return stampOf(stanza);
  }

  /** An edit by the true author arrives at the true message. */
  async function expectStillHis(first: Both): Promise<void> {
    const text = scene.text('edited by the author');
    await matrix.edit(scene.anna, scene.room.matrix, first.matrix, text);
    const stanza = await scene.eyes.readsXmpp(text);
    expect(nickOf(stanza)).toBe(ANNA);
    expect(stanza.getChild('replace', REPLACE)?.attrs.id).toBe(first.xmpp.id);
  }

  it('equal to one the hub issued is carried as what it is', async () => {
    const first = await scene.fromMatrix(scene.text('the true one'));
    await borrowed(first, 'under a borrowed id');
    expect((await scene.eyes.readsMatrix('under a borrowed id')).sender).toBe(scene.ghosts.cilla);
    await expectStillHis(first);
  });

  it('equal to one the hub issued is carried also when the hub was away', async () => {
    const first = await scene.fromMatrix(scene.text('the true one'));
    await scene.house.hub.stop();
    await borrowed(first, 'under a borrowed id, meanwhile');
    await scene.house.hub.start();
    const shown = await scene.eyes.readsMatrix('under a borrowed id, meanwhile');
    expect(shown.sender).toBe(scene.ghosts.cilla);
    await expectStillHis(first);
  });

  it('as the occupant’s does not make it another’s when the hub was away', async () => {
    const { xmpp, room } = scene;
    await scene.house.hub.stop();
    const bosse = scene.eyes.xmppNow().find((stanza) => nickOf(stanza) === 'Bosse');
    const id = String(bosse?.getChild('occupant-id', 'urn:xmpp:occupant-id:0')?.attrs.id);
    const forged = [
      xml('occupant-id', { xmlns: 'urn:xmpp:occupant-id:0', id }),
      xml('x', { xmlns: 'http://jabber.org/protocol/muc#user' }, xml('item', { jid: xmpp.jid('bosse') })),
    ];
    await xmpp.message('cilla', room.muc, ...forged, xml('body', {}, 'under a borrowed occupant’s id'));
    await scene.house.hub.start();
    const shown = await scene.eyes.readsMatrix('under a borrowed occupant’s id');
    expect(shown.sender).toBe(scene.ghosts.cilla);
  });

  it('as a stanza-id does not make it another’s message', async () => {
    const { xmpp, room } = scene;
    const [theirs, text] = [await scene.fromXmpp(scene.text('the true one')), 'under a borrowed stanza-id'];
    const forged = ['somewhere.else', room.muc].map((by) =>
      xml('stanza-id', { xmlns: SID, by, id: theirs.xmpp.stanzaId }),
    );
    await xmpp.raw('cilla', room.muc, randomUUID(), xml('body', {}, text), ...forged);
    const shown = await scene.eyes.readsMatrix(text);
    expect(shown.sender).toBe(scene.ghosts.cilla);
    await matrix.redact(scene.anna, room.matrix, shown.event_id);
    const stanza = await scene.eyes.onXmpp(text, (one) => bodyOf(one) === text);
    const given = stanza.getChildren('stanza-id', SID).filter((id) => id.attrs.by === room.muc);
    expect(given).toHaveLength(1);
    await scene.eyes.onXmpp(
      'the removal of hers',
      (one) => one.getChild('retract', RETRACT)?.attrs.id === given[0]?.attrs.id,
    );
    expect(await scene.eyes.archivedText(theirs.xmpp.stanzaId)).not.toBeNull();
  });
});

describe('what has passed this hub already', () => {
  it('is not carried again from Matrix', async () => {
    const marked = { [MARKER]: { key: 'k', hub: 'brygga', hops: ['elsewhere', 'brygga'] } };
    await refused(() => scene.greta.say(scene.room.matrix, 'round and round', marked), 'loop');
    const other = { [MARKER]: { key: 'k', hub: 'elsewhere', hops: ['elsewhere'] } };
    await scene.greta.say(scene.room.matrix, 'by another hub', other);
    const stanza = await scene.eyes.readsXmpp('by another hub');
    expect(stanza.getChildren('hop').map(({ attrs }) => attrs.hub)).toEqual(['elsewhere', 'brygga']);
    expect(scene.eyes.xmppNow().map(bodyOf)).not.toContain('round and round');
  });

  it('is not carried again from XMPP', async () => {
    const hop = (hub: string) => xml('hop', { xmlns: 'urn:brygga:0', hub });
    const { xmpp, room } = scene;
    await refused(() => xmpp.say('cilla', room.muc, 'round and round again', hop('brygga')), 'loop');
    await xmpp.say('cilla', room.muc, 'by yet another hub', hop('elsewhere'));
    const { content } = await scene.eyes.readsMatrix('by yet another hub');
    expect(content[MARKER]).toMatchObject({ hops: ['elsewhere', 'brygga'] });
    const said = (await scene.eyes.matrixNow()).map((event) => event.content.body);
    expect(said).not.toContain('round and round again');
  });
});
