import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeTimeline } from '../house/compare.ts';
import { bodyOf, nickOf, relationIn } from '../house/eyes.ts';
import * as matrix from '../house/matrix-acts.ts';
import { until } from '../house/until.ts';
import * as acts from '../house/xmpp-acts.ts';
import { ANNA, BOSSE, CILLA, GRETA, openScene, type Scene } from './scene.ts';

const HUB = 'Brygga';
const BOT = '@_brygga_bot:localhost';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.house.close());

const profileOf = async (user: string): Promise<unknown> =>
  (await scene.anna.call('GET', `/v3/profile/${encodeURIComponent(user)}`)).displayname;

/** The hub's own words. */
const toldXmpp = async (text: string): Promise<void> => {
  expect(nickOf(await scene.eyes.readsXmpp(text))).toBe(HUB);
};
const toldMatrix = async (text: string): Promise<void> => {
  expect(await scene.eyes.readsMatrix(text)).toMatchObject({ sender: BOT, content: { msgtype: 'm.notice' } });
};

describe('the opening', () => {
  it('is told in both rooms, once: who takes part, and that it is bridged', async () => {
    const xmpp = scene.eyes.xmppNow().filter((stanza) => nickOf(stanza) === HUB);
    const timeline = await wholeTimeline(scene.anna, scene.room.matrix);
    const bot = timeline.filter(({ sender, type }) => sender === BOT && type === 'm.room.message');
    const said = [...xmpp.map(bodyOf), ...bot.map(({ content }) => String(content.body))];
    expect(said).toHaveLength(2);
    expect(said[0]).toBe(said[1]);
    for (const word of ['bridge', 'Skatteverket (Matrix)', 'MSB (XMPP']) expect(said[0]).toContain(word);
    expect(bot[0]?.content.msgtype).toBe('m.notice');
  });

  it('is followed by people under their names and organisations', async () => {
    const nicks = scene.eyes.xmppNow().map(nickOf);
    expect(nicks).toEqual(expect.arrayContaining([ANNA, GRETA]));
    expect(await profileOf(scene.ghosts.bosse)).toBe(BOSSE);
    expect(await profileOf(scene.ghosts.cilla)).toBe(CILLA);
  });
});

describe('reactions from Matrix', () => {
  /** The last word of that person on that message: the set they have on it now. */
  const setOf = async (what: string, nick: string, stanzaId: string, set: string[]): Promise<void> => {
    await until(what, () => {
      const last = scene.eyes
        .xmppNow()
        .filter((stanza) => nickOf(stanza) === nick)
        .filter((stanza) => stanza.getChild('reactions', 'urn:xmpp:reactions:0')?.attrs.id === stanzaId)
        .at(-1);
      return last !== undefined && JSON.stringify(acts.reactionsOf(last)) === JSON.stringify(set.sort());
    });
  };

  it('of two people: the same, another, one taken back, all taken back', async () => {
    const { anna, greta, room } = scene;
    const first = await scene.fromXmpp(scene.text('news'));
    const { stanzaId } = first.xmpp;
    const thumb = await matrix.react(anna, room.matrix, first.matrix, '👍');
    await matrix.react(greta, room.matrix, first.matrix, '👍');
    await setOf('one of Anna', ANNA, stanzaId, ['👍']);
    await setOf('one of Greta', GRETA, stanzaId, ['👍']);
    const party = await matrix.react(anna, room.matrix, first.matrix, '🎉');
    await setOf('two of Anna', ANNA, stanzaId, ['👍', '🎉']);
    await matrix.redact(anna, room.matrix, thumb);
    await setOf('the other of Anna', ANNA, stanzaId, ['🎉']);
    await matrix.redact(anna, room.matrix, party);
    await setOf('none of Anna', ANNA, stanzaId, []);
    await setOf('still one of Greta', GRETA, stanzaId, ['👍']);
  });

  it('come back after they were taken back', async () => {
    const { anna, room } = scene;
    const first = await scene.fromMatrix(scene.text('mine'));
    const { stanzaId } = first.xmpp;
    await matrix.redact(anna, room.matrix, await matrix.react(anna, room.matrix, first.matrix, '❤️'));
    await setOf('taken back', ANNA, stanzaId, []);
    await matrix.react(anna, room.matrix, first.matrix, '❤️');
    await setOf('set again', ANNA, stanzaId, ['❤️']);
  });
});

describe('a reaction with a picture', () => {
  it('from Matrix is told by its name, beside what XMPP can take', async () => {
    const { anna, room } = scene;
    const first = await scene.fromXmpp(scene.text('party'));
    await matrix.react(anna, room.matrix, first.matrix, '👍');
    await matrix.react(anna, room.matrix, first.matrix, 'mxc://localhost/parrot', { shortcode: 'parrot' });
    const said = await scene.eyes.onXmpp(
      'the name of the picture',
      (stanza) => nickOf(stanza) === ANNA && bodyOf(stanza).includes(':parrot:'),
    );
    expect(said.getChild('reply', 'urn:xmpp:reply:0')?.attrs.id).toBe(first.xmpp.stanzaId);
    expect(bodyOf(said)).not.toContain('👍');
  });
});

describe('reactions from XMPP', () => {
  /** Who has what on that message now: `ghost emoji`. */
  const reactionsTo = async (id: string): Promise<string[]> =>
    (await scene.eyes.matrixNow())
      .filter(({ type, unsigned }) => type === 'm.reaction' && unsigned?.redacted_because === undefined)
      .filter((event) => relationIn(event).event_id === id)
      .map((event) => `${event.sender === scene.ghosts.bosse ? 'Bosse' : 'Cilla'} ${relationIn(event).key}`)
      .sort();

  const hasNow = async (id: string, wanted: readonly string[]): Promise<void> => {
    let now: string[] = [];
    await until(`reactions ${wanted.join(', ')}`, async () => {
      now = await reactionsTo(id);
      return JSON.stringify(now) === JSON.stringify(wanted);
    });
    expect(now).toEqual(wanted);
  };

  it('of two people: the same, changed, one more, all taken back', async () => {
    const { xmpp, room } = scene;
    const first = await scene.fromMatrix(scene.text('news'));
    const { stanzaId } = first.xmpp;
    await xmpp.react('bosse', room.muc, stanzaId, ['👍']);
    await xmpp.react('cilla', room.muc, stanzaId, ['👍']);
    await hasNow(first.matrix, ['Bosse 👍', 'Cilla 👍']);
    await xmpp.react('bosse', room.muc, stanzaId, ['🎉']);
    await hasNow(first.matrix, ['Bosse 🎉', 'Cilla 👍']);
    await xmpp.react('bosse', room.muc, stanzaId, ['🎉', '😀']);
    await hasNow(first.matrix, ['Bosse 🎉', 'Bosse 😀', 'Cilla 👍']);
    await xmpp.react('bosse', room.muc, stanzaId, []);
    await hasNow(first.matrix, ['Cilla 👍']);
  });

  it('come back after they were taken back', async () => {
    const { xmpp, room } = scene;
    const first = await scene.fromXmpp(scene.text('mine'));
    const { stanzaId } = first.xmpp;
    await xmpp.react('bosse', room.muc, stanzaId, ['👍']);
    await hasNow(first.matrix, ['Bosse 👍']);
    await xmpp.react('bosse', room.muc, stanzaId, []);
    await hasNow(first.matrix, []);
    await xmpp.react('bosse', room.muc, stanzaId, ['👍']);
    await hasNow(first.matrix, ['Bosse 👍']);
  });
});

describe('a mention', () => {
  it('on Matrix of somebody on XMPP is their nick, and calls them', async () => {
    const user = scene.ghosts.bosse;
    const pill = `<a href="https://matrix.to/#/${encodeURIComponent(user)}">${BOSSE}</a>`;
    const content = matrix.html(`${BOSSE}: tea?`, `${pill}: tea?`);
    const more = { ...content, 'm.mentions': { user_ids: [user] } };
    await scene.anna.say(scene.room.matrix, '', more);
    const stanza = await scene.eyes.readsXmpp('Bosse: tea?');
    const uri = `xmpp:${scene.room.muc}/Bosse`;
    expect(stanza.getChild('reference', 'urn:xmpp:reference:0')?.attrs).toMatchObject({
      type: 'mention',
      begin: '0',
      end: '5',
      uri,
    });
  });

  it.each([
    ['at the beginning', `${ANNA}: coffee?`],
    ['with a sign', `what says @${ANNA} to coffee?`],
  ])('on XMPP of somebody on Matrix, %s, is a pill, and calls them', async (_, text) => {
    await scene.xmpp.say('bosse', scene.room.muc, text);
    const event = await scene.eyes.onMatrix(
      text,
      ({ type, content, sender }) =>
        type === 'm.room.message' &&
        sender === scene.ghosts.bosse &&
        String(content.body).endsWith('coffee?'),
    );
    expect(event.content['m.mentions']).toEqual({ user_ids: [scene.anna.id] });
    expect(event.content.formatted_body).toContain(
      `<a href="https://matrix.to/#/${encodeURIComponent(scene.anna.id)}">`,
    );
    await matrix.redact(scene.anna, scene.room.matrix, event.event_id);
    await scene.eyes.goneOnMatrix(event.event_id);
  });
});

describe('coming and going', () => {
  it('on Matrix is told on XMPP', async () => {
    const olle = await scene.house.matrixPerson('olle', 'Olle Ek');
    await toldXmpp('Olle Ek (Skatteverket) joined');
    await matrix.rename(olle, scene.room.matrix, 'Olof Ek');
    await toldXmpp('Olle Ek (Skatteverket) is now called Olof Ek (Skatteverket)');
    await olle.call('POST', `/v3/rooms/${encodeURIComponent(scene.room.matrix)}/leave`, {});
    await toldXmpp('Olof Ek (Skatteverket) left');
  });

  it('on XMPP is told on Matrix', async () => {
    const { xmpp, room } = scene;
    await xmpp.join('disa', room.muc, 'Disa');
    await toldMatrix('Disa (MSB) joined');
    expect(await acts.changeNick(xmpp, 'disa', room.muc, 'Desideria')).toBeNull();
    await toldMatrix('Disa (MSB) is now called Desideria (MSB)');
    await acts.kick(xmpp, 'bosse', room.muc, 'Desideria');
    await toldMatrix('Desideria (MSB) was removed');
    await xmpp.join('eva', room.muc, 'Eva');
    await toldMatrix('Eva (MSB) joined');
    await xmpp.leave('eva', room.muc);
    await toldMatrix('Eva (MSB) left');
  });

  it('of ghosts is not told back', async () => {
    await scene.eyes.flushed();
    const timeline = await wholeTimeline(scene.anna, scene.room.matrix);
    const bot = timeline.filter(({ sender }) => sender === BOT).map(({ content }) => String(content.body));
    expect(bot.filter((text) => text.includes('Skatteverket') && / (?:joined|left)$/.test(text))).toEqual([]);
    const hub = scene.eyes
      .xmppNow()
      .filter((stanza) => nickOf(stanza) === HUB)
      .map(bodyOf);
    expect(hub.filter((text) => text.includes('MSB') && / (?:joined|left)$/.test(text))).toEqual([]);
  });
});

describe('the topic and the name', () => {
  it('of the Matrix room', async () => {
    await matrix.state(scene.anna, scene.room.matrix, 'm.room.topic', { topic: 'Lunch at noon' });
    const subject = await scene.eyes.onXmpp(
      'the subject',
      (stanza) => stanza.getChildText('subject') === 'Lunch at noon',
    );
    expect(nickOf(subject)).toBe(HUB);
    await matrix.state(scene.anna, scene.room.matrix, 'm.room.name', { name: 'The canteen' });
    await toldXmpp(`${ANNA} changed the name to: The canteen`);
  });

  it('of the XMPP room', async () => {
    const { xmpp, room } = scene;
    await acts.setSubject(xmpp, 'bosse', room.muc, 'Lunch at one');
    await until('the topic', async () => {
      const { topic } = await matrix.stateOf(scene.anna, room.matrix, 'm.room.topic');
      return topic === 'Lunch at one';
    });
    await acts.nameRoom(xmpp, 'bosse', room.muc, 'The restaurant');
    const told = await scene.eyes.onMatrix(
      'the name',
      ({ sender, content }) => sender === BOT && String(content.body).endsWith('The restaurant'),
    );
    expect(told.content.msgtype).toBe('m.notice');
  });

  it('do not come back', async () => {
    await scene.eyes.flushed();
    const topics = (await wholeTimeline(scene.anna, scene.room.matrix)).filter(
      ({ type }) => type === 'm.room.topic',
    );
    expect(topics.map(({ content }) => content.topic)).toEqual(['Lunch at noon', 'Lunch at one']);
    const subjects = scene.eyes.xmppNow().map((stanza) => stanza.getChildText('subject') ?? '');
    expect(subjects.filter((text) => text.startsWith('Lunch'))).toEqual(['Lunch at noon', 'Lunch at one']);
  });
});

describe('writing', () => {
  it('on Matrix shows on XMPP while it lasts', async () => {
    const states = (): string[] =>
      scene.eyes
        .xmppNow()
        .filter((stanza) => nickOf(stanza) === ANNA)
        .flatMap((stanza) => stanza.getChildElements())
        .filter(({ attrs }) => attrs.xmlns === 'http://jabber.org/protocol/chatstates')
        .map(({ name }) => name);
    await matrix.typing(scene.anna, scene.room.matrix, true);
    await until('composing', () => states().at(-1) === 'composing');
    await matrix.typing(scene.anna, scene.room.matrix, false);
    await until('no longer', () => ['active', 'paused'].includes(states().at(-1) ?? ''));
  });

  it('on XMPP shows on Matrix while it lasts', async () => {
    const { xmpp, room, anna } = scene;
    const writing = matrix.writingIn(anna, room.matrix);
    const isWriting = async (): Promise<boolean> => (await writing()).includes(scene.ghosts.bosse);
    expect(await isWriting()).toBe(false);
    await acts.chatState(xmpp, 'bosse', room.muc, 'composing');
    await until('writing', isWriting);
    await acts.chatState(xmpp, 'bosse', room.muc, 'paused');
    await until('no longer', async () => !(await isWriting()));
  });
});

describe('a file', () => {
  const url = 'mxc://localhost/abcdefghijklmnopqrstuvwx';

  it('on Matrix is told by name and size', async () => {
    const info = { size: 1_500_000, mimetype: 'application/pdf' };
    await scene.anna.say(scene.room.matrix, 'rapport.pdf', { msgtype: 'm.file', url, info });
    const stanza = await scene.eyes.onXmpp('the file', (one) => bodyOf(one).includes('rapport.pdf'));
    expect(nickOf(stanza)).toBe(ANNA);
    expect(bodyOf(stanza)).toMatch(/1\.5 MB/);
    expect(bodyOf(stanza)).not.toContain('mxc:');
  });

  it('on Matrix keeps what is said of it', async () => {
    const said = { msgtype: 'm.image', url, filename: 'bild.png', info: { size: 20_000 } };
    await scene.anna.say(scene.room.matrix, 'our *new* office', said);
    const stanza = await scene.eyes.onXmpp('the picture', (one) => bodyOf(one).includes('bild.png'));
    expect(bodyOf(stanza)).toMatch(/^our \*new\* office\n/);
    expect(bodyOf(stanza)).toMatch(/20\.0 kB/);
  });

  it('on XMPP is its address, with or without a body', async () => {
    const { xmpp, room } = scene;
    const address = (name: string): string => `https://upload.example.org/a%20b/${name}`;
    await acts.sayFile(xmpp, 'bosse', room.muc, address('karta.png'), true);
    await acts.sayFile(xmpp, 'bosse', room.muc, address('plan.png'), false);
    for (const name of ['karta.png', 'plan.png']) {
      const { content } = await scene.eyes.readsMatrix(address(name));
      expect(content.formatted_body).toContain(`<a href="${address(name)}">`);
    }
  });
});
