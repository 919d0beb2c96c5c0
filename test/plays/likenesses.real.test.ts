import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, Eyes, nickOf } from '../house/eyes.ts';
import * as matrix from '../house/matrix-acts.ts';
import { withSettings } from '../house/settings-file.ts';
import { until } from '../house/until.ts';
import * as acts from '../house/xmpp-acts.ts';
import { ANNA, openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene({
    rooms: 2,
    beforeStart: (house) =>
      withSettings(house, null, ({ rooms }) => {
        Object.assign(rooms[1] ?? {}, { massMentions: true });
      }),
  });
});
afterAll(() => scene.house.close());

/** A name people can trust: the hub's bracket at the end, none before it, nothing unseen, at most a number behind. */
const HONEST = (organisation: string): RegExp =>
  new RegExp(`^[^\\p{Ps}\\p{Pe}\\p{C}<>]+ \\(${organisation}\\)(?: \\(\\d\\)| [0-9a-f]{6})?$`, 'u');

const profileOf = async (user: string): Promise<string> =>
  String((await scene.anna.call('GET', `/v3/profile/${encodeURIComponent(user)}`)).displayname);

describe('a name on Matrix that pretends an organisation', () => {
  it.each([
    ['in brackets', 'Anna (Polisen)', 'Anna Polisen (Skatteverket)'],
    ['in wide brackets', 'Anna \uff08Polisen\uff09', 'Anna Polisen (Skatteverket)'],
    ['in white brackets', 'Anna \u2985Polisen\u2986', 'Anna Polisen (Skatteverket)'],
    ['in ornamental brackets', 'Anna \u2768Polisen\u2769', 'Anna Polisen (Skatteverket)'],
    ['in brackets that stand on their heads', 'Anna \ufe35Polisen\ufe36', 'Anna Polisen (Skatteverket)'],
    ['turned round', 'Anna \u202e)nesiloP(', 'Anna nesiloP (Skatteverket)'],
    ['with letters of no width', 'An\u200bna \u2060(Poli\u200dsen)', 'Anna Polisen (Skatteverket)'],
    ['over two lines', 'Anna\n(Polisen)\u2028x', 'Anna Polisen x (Skatteverket)'],
    ['with controls', 'Anna\u0007 (Poli\u0085sen)', 'Anna Polisen (Skatteverket)'],
  ])('%s does not', async (_, name, shown) => {
    await matrix.rename(scene.greta, scene.room.matrix, name);
    const text = scene.text('who am I');
    await scene.greta.say(scene.room.matrix, text);
    const nick = nickOf(await scene.eyes.readsXmpp(text));
    expect(nick).toMatch(HONEST('Skatteverket'));
    expect(nick).toBe(shown);
  });

  it('by its length does not push the true one out', async () => {
    await matrix.rename(
      scene.greta,
      scene.room.matrix,
      `Anna (Polisen)${'\u3000'.repeat(60)}${'W'.repeat(120)}`,
    );
    const text = scene.text('who am I');
    await scene.greta.say(scene.room.matrix, text);
    const nick = nickOf(await scene.eyes.readsXmpp(text));
    expect(nick).toMatch(HONEST('Skatteverket'));
  });

  it('in look-alike letters is written in plain ones', async () => {
    // Cyrillic, all but two.
    await matrix.rename(scene.greta, scene.room.matrix, '\u0410nn\u0430 \u0420olis\u0435n');
    const text = scene.text('who am I');
    await scene.greta.say(scene.room.matrix, text);
    expect(nickOf(await scene.eyes.readsXmpp(text))).toBe('Anna Polisen (Skatteverket)');
  });

  it('in look-alike letters of one who is there gets a number', async () => {
    await scene.fromMatrix(scene.text('this is Anna'));
    await scene.fromMatrix(scene.text('and this is Greta'), scene.greta);
    await matrix.rename(scene.greta, scene.room.matrix, '\u0410nn\u0430 Svensson');
    const text = scene.text('who am I');
    await scene.greta.say(scene.room.matrix, text);
    expect(nickOf(await scene.eyes.readsXmpp(text))).toBe(`${ANNA} (2)`);
  });

  it('is not shown in what the hub says of it either', async () => {
    const told = (ending: string) =>
      scene.eyes.onXmpp(
        'the change of name',
        (stanza) => nickOf(stanza) === 'Brygga' && bodyOf(stanza).endsWith(`is now called ${ending}`),
      );
    await matrix.rename(scene.greta, scene.room.matrix, 'Eva (Polisen)');
    await told('Eva Polisen (Skatteverket)');
    await matrix.rename(scene.greta, scene.room.matrix, 'Greta Berg');
    expect(bodyOf(await told('Greta Berg (Skatteverket)'))).not.toContain('(Polisen)');
  });
});

describe('a nick on XMPP that pretends an organisation', () => {
  it.each([
    ['in brackets', 'Bosse (Skatteverket)', 'Bosse Skatteverket (MSB)'],
    ['like a ghost’s', 'Greta Ek (Skatteverket)', 'Greta Ek Skatteverket (MSB)'],
    ['in wide brackets', 'Bosse \uff08Polisen\uff09', 'Bosse Polisen (MSB)'],
    ['in ornamental brackets', 'Bosse \u2768Polisen\u2769', 'Bosse Polisen (MSB)'],
    ['in angles', 'Bosse <Polisen>', 'Bosse Polisen (MSB)'],
  ])('%s does not', async (_, nick, shown) => {
    const { xmpp, room } = scene;
    expect(await acts.changeNick(xmpp, 'cilla', room.muc, nick)).toBeNull();
    const text = scene.text('who am I');
    await xmpp.say('cilla', room.muc, text);
    const name = await profileOf((await scene.eyes.readsMatrix(text)).sender);
    expect(name).toMatch(HONEST('MSB'));
    expect(name).toBe(shown);
  });

  it('cannot be a ghost’s while that one is there', async () => {
    expect(await acts.changeNick(scene.xmpp, 'cilla', scene.room.muc, ANNA)).toBe('conflict');
  });

  it('taken before the ghost comes leaves it another', async () => {
    const { xmpp, room } = scene;
    expect(await acts.changeNick(xmpp, 'cilla', room.muc, 'Hans Alm (Skatteverket)')).toBeNull();
    const hans = await scene.house.matrixPerson('hans', 'Hans Alm');
    await hans.say(room.matrix, 'I am the true Hans');
    expect(nickOf(await scene.eyes.readsXmpp('I am the true Hans'))).toBe('Hans Alm (Skatteverket) (2)');
    await xmpp.say('cilla', room.muc, 'and I am not');
    const shown = await scene.eyes.readsMatrix('and I am not');
    expect(shown.sender).toBe(scene.ghosts.cilla);
    expect(await profileOf(shown.sender)).toBe('Hans Alm Skatteverket (MSB)');
  });

  it('given up by a ghost a moment ago is not silenced', async () => {
    const { xmpp, room, greta } = scene;
    await matrix.rename(greta, room.matrix, 'Greta Lind');
    await greta.say(room.matrix, 'still Lind');
    await scene.eyes.readsXmpp('still Lind');
    await matrix.rename(greta, room.matrix, 'Greta Berg');
    await greta.say(room.matrix, 'Berg again');
    await scene.eyes.readsXmpp('Berg again');
    expect(await acts.changeNick(xmpp, 'cilla', room.muc, 'Greta Lind (Skatteverket)')).toBeNull();
    await xmpp.say('cilla', room.muc, 'not Greta at all');
    const shown = await scene.eyes.readsMatrix('not Greta at all');
    expect(shown.sender).toBe(scene.ghosts.cilla);
  });
});

describe('a call of everybody', () => {
  const calls = { 'm.mentions': { room: true } };

  it('on Matrix calls nobody on XMPP', async () => {
    await scene.anna.say(scene.room.matrix, '@room all hands, @all and @here', calls);
    const stanza = await scene.eyes.onXmpp('it', (one) => bodyOf(one).includes('all hands'));
    expect(bodyOf(stanza)).not.toMatch(/@room/);
    for (const ns of ['urn:xmpp:reference:0', 'urn:xmpp:mentions:0'])
      expect(stanza.getChildElements().filter(({ attrs }) => attrs.xmlns === ns)).toEqual([]);
  });

  it('on XMPP calls nobody on Matrix', async () => {
    await scene.xmpp.say('bosse', scene.room.muc, '@room and @all and @here, come');
    const { content } = await scene.eyes.readsMatrix('@room and @all and @here, come');
    expect(content['m.mentions']).toEqual({});
  });

  it('crosses where the room lets it', async () => {
    const [, room] = scene.house.rooms;
    if (room === undefined) throw new Error('no second room');
    const eyes = new Eyes(scene.house, room);
    await scene.anna.say(room.matrix, '@room all hands here', calls);
    await eyes.readsXmpp('@room all hands here');
    await scene.xmpp.say('bosse', room.muc, '@room come here');
    await until('Matrix has it', async () => {
      const said = (await eyes.matrixNow()).map(({ content }) => String(content.body ?? ''));
      return said.some((text) => text.endsWith('come here'));
    });
  });
});
