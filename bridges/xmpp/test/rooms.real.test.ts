import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { el } from '../src/element.ts';
import { attribute } from '../src/stanza.ts';
import { until } from './support/context.ts';
import { persona } from './support/deliveries.ts';
import { nickOf } from './support/natives.ts';
import { configure, firstOf, type Scene, Stage } from './support/stage.ts';

let stage: Stage;
let scene: Scene;
beforeAll(async () => {
  stage = await Stage.start({ archive: 'memory' });
});
afterAll(() => stage.stop());
afterEach(() => scene.close());

const anna = persona('Anna');
const ghostJid = 'far+=40=41nna=3afar.example@bridge.localhost';

describe('nicks', () => {
  it.each([
    ['taken', 'Anna (Agency)', 'Anna', 'Anna (Agency) (2)'],
    ['taken but for width', 'Ａnna (Agency)', 'Anna', 'Anna (Agency) (2)'],
    ['emoji', null, 'Anna 🦄', 'Anna (Agency)'],
    ['invisible letters', null, 'An\u200bna', 'Anna (Agency)'],
    ['only emoji', null, '🦄', /^user-[0-9a-f]{6} \(Agency\)$/],
    ['newer than the server', null, 'A𞤀nna', 'Anna (Agency)'],
    ['slashes and signs', null, 'a@b/c <d> &', 'a@b/c <d> & (Agency)'],
    ['a combining letter', null, 'Ren\u0065\u0301', 'René (Agency)'],
    ['far too long', null, 'Å'.repeat(200), `${'Å'.repeat(25)} (Agency)`],
  ])('%s', async (_, taken, name, expected) => {
    scene = await stage.scene();
    if (taken !== null) await stage.natives.join('other', scene.room, taken);
    await scene.done(scene.deliveries.message(persona(name), 'hello'));
    const nick = nickOf(await scene.owner.hears('hello'));
    if (typeof expected === 'string') expect(nick).toBe(expected);
    else expect(nick).toMatch(expected);
  });

  it('keeps a granted nick over restarts, and follows a change of name', async () => {
    scene = await stage.scene();
    await stage.natives.join('other', scene.room, 'Anna (Agency)');
    await scene.done(scene.deliveries.message(anna, 'one'));
    await scene.reopen();
    await scene.done(scene.deliveries.message(anna, 'two'));
    await scene.done(scene.deliveries.message({ ...anna, label: 'Annika (Agency)' }, 'three'));
    const nicks = ['one', 'two', 'three'].map((text) => scene.owner.hears(text).then(nickOf));
    expect(await Promise.all(nicks)).toEqual(['Anna (Agency) (2)', 'Anna (Agency) (2)', 'Annika (Agency)']);
    expect(scene.hub.of('membership').map((event) => event.subject.displayName)).toEqual(['Anna (Agency)']);
    expect(scene.hub.messages().filter((text) => ['one', 'two', 'three'].includes(text))).toEqual([]);
  });

  it('a ghost whose new name is taken does not keep the old one', async () => {
    scene = await stage.scene();
    await stage.natives.join('other', scene.room, 'Annika (Agency)');
    await scene.done(scene.deliveries.message(anna, 'before'));
    await scene.done(scene.deliveries.message({ ...anna, label: 'Annika (Agency)' }, 'after'));
    expect(nickOf(await scene.owner.hears('after'))).toBe('Annika (Agency) (2)');
  });

  it('does not take a native for a ghost that asks for the same nick', async () => {
    scene = await stage.scene();
    const other = await stage.natives.join('other', scene.room, 'Anna (Agency)');
    const texts = Array.from({ length: 30 }, (_, index) => `native ${index}`);
    const sent = scene.done(scene.deliveries.message(anna, 'ghost'));
    for (const text of texts) other.say(text);
    await sent;
    await until('all heard', () => scene.hub.messages().includes('native 29'));
    expect(scene.hub.messages().filter((text) => text.startsWith('native'))).toEqual(texts);
  });

  it('two ghosts of one name get two nicks', async () => {
    scene = await stage.scene();
    const twin = { ...anna, person: persona('Twin').person };
    await Promise.all([
      scene.done(scene.deliveries.message(anna, 'I am')),
      scene.done(scene.deliveries.message(twin, 'so am I')),
    ]);
    expect(nickOf(await scene.owner.hears('I am'))).toBe('Anna (Agency)');
    expect(nickOf(await scene.owner.hears('so am I'))).toBe('Anna (Agency) (2)');
  });
});

describe('the right to speak', () => {
  it('is given to ghosts where the bot may give it', async () => {
    scene = await stage.scene({
      config: { 'muc#roomconfig_moderatedroom': '1' },
      botAffiliation: 'admin',
    });
    await scene.done(scene.deliveries.message(anna, 'with voice'));
    expect(nickOf(await scene.owner.hears('with voice'))).toBe('Anna (Agency)');
  });

  it('is not needed by the bot, which speaks for ghosts that do not get it', async () => {
    scene = await stage.scene();
    const bot = 'brygga@bridge.localhost';
    await scene.owner.admin(el('item', { affiliation: 'member', jid: bot }));
    await configure(scene.owner, { 'muc#roomconfig_moderatedroom': '1' });
    const outcome = await scene.done(scene.deliveries.message(anna, 'by proxy'));
    expect(outcome.lost).toEqual(['personName']);
    expect(nickOf(await scene.owner.hears('Anna (Agency): by proxy'))).toBe('Brygga');
    await scene.done(scene.deliveries.edit(anna, outcome.messages, 'by the bot'));
    expect(nickOf(await scene.owner.hears('Anna (Agency): by the bot'))).toBe('Brygga');
    await scene.done(scene.deliveries.delete(anna, outcome.messages));
  });

  it('is taken from a ghost that sits in the room: given again', async () => {
    scene = await stage.scene({ config: { 'muc#roomconfig_moderatedroom': '1' }, botAffiliation: 'admin' });
    await scene.done(scene.deliveries.message(anna, 'one'));
    await scene.owner.admin(el('item', { affiliation: 'none', jid: ghostJid }));
    await scene.owner.admin(el('item', { nick: 'Anna (Agency)', role: 'visitor' }));
    const texts = ['two', 'three', 'four'];
    await Promise.all(texts.map((text) => scene.done(scene.deliveries.message(anna, text))));
    await scene.owner.hears('four');
    expect(scene.owner.bodies().filter((body) => texts.includes(body))).toEqual(texts);
    expect(nickOf(await scene.owner.hears('four'))).toBe('Anna (Agency)');
  });

  it('members-only: ghosts become members', async () => {
    scene = await stage.scene({ config: { 'muc#roomconfig_membersonly': '1' }, botAffiliation: 'admin' });
    await scene.done(scene.deliveries.message(anna, 'a member now'));
    expect(nickOf(await scene.owner.hears('a member now'))).toBe('Anna (Agency)');
  });
});

describe('thrown out', () => {
  it('a ghost that was kicked comes back when it speaks, in order', async () => {
    scene = await stage.scene();
    await scene.done(scene.deliveries.message(anna, 'zero'));
    const sent = ['one', 'two', 'three'].map((text) => scene.done(scene.deliveries.message(anna, text)));
    await scene.owner.admin(el('item', { nick: 'Anna (Agency)', role: 'none' }));
    await Promise.all([...sent, scene.done(scene.deliveries.message(anna, 'four'))]);
    await scene.owner.hears('four');
    expect(scene.owner.bodies().filter((body) => /^(one|two|three|four)$/.test(body))).toEqual([
      'one',
      'two',
      'three',
      'four',
    ]);
  });

  it('a ghost that is banned is refused, and nobody speaks for it', async () => {
    scene = await stage.scene();
    await scene.done(scene.deliveries.message(anna, 'before'));
    await scene.owner.admin(el('item', { affiliation: 'outcast', jid: ghostJid }));
    const outcome = await scene.send(scene.deliveries.message(anna, 'after'));
    expect(outcome).toEqual({ kind: 'refused', code: 'PERSON_BANNED' });
    expect((await scene.done(scene.deliveries.message(persona('Other'), 'others may'))).kind).toBe('done');
  });

  it('a bot that is banned waits, and comes back when it may', async () => {
    scene = await stage.scene();
    const jid = 'brygga@bridge.localhost';
    await scene.owner.admin(el('item', { affiliation: 'outcast', jid }));
    await until('outside', () => scene.hub.logs.some(({ code }) => code === 'xmpp.channel.closed'));
    const outcome = await scene.send(scene.deliveries.message(anna, 'from outside'));
    expect(outcome).toMatchObject({ kind: 'later', code: 'NOT_IN_CHANNEL' });
    scene.owner.say('unheard for now');
    await scene.owner.admin(el('item', { affiliation: 'none', jid }));
    await until('caught up', () => scene.hub.messages().includes('unheard for now'));
  });

  it('a room that is destroyed is gone', async () => {
    scene = await stage.scene();
    const query = el('query', { xmlns: 'http://jabber.org/protocol/muc#owner' }, el('destroy', {}));
    await scene.owner.iq('set', scene.room, query);
    const outcome = await scene.send(scene.deliveries.message(anna, 'into nothing'));
    expect(outcome).toEqual({ kind: 'refused', code: 'CHANNEL_GONE' });
  });
});

describe('bounds', () => {
  it('a room with a password is entered with it', async () => {
    scene = await stage.scene({ settings: { roomPassword: 'open sesame' } });
    await configure(scene.owner, {
      'muc#roomconfig_passwordprotectedroom': '1',
      'muc#roomconfig_roomsecret': 'open sesame',
    });
    await scene.reopen();
    await scene.done(scene.deliveries.message(anna, 'inside'));
    await scene.owner.hears('inside');
  });

  it('ghosts beyond the number allowed leave, those silent for longest first', async () => {
    scene = await stage.scene({ settings: { ghostsPerChannel: 3 } });
    for (const name of ['A', 'B', 'C', 'A', 'D']) {
      await scene.done(scene.deliveries.message(persona(name), `I am ${name}`));
    }
    const left = await until('one left', () =>
      scene.owner.heard.find((s) => s.name === 'presence' && attribute(s, 'type') === 'unavailable'),
    );
    expect(nickOf(left)).toBe('B (Agency)');
    await scene.done(scene.deliveries.message(persona('B'), 'B again'));
    expect(nickOf(await scene.owner.hears('B again'))).toBe('B (Agency)');
    expect(scene.hub.of('membership')).toEqual([]);
  });

  it('what is far too large is cut with a note, and the stream lives', async () => {
    scene = await stage.scene();
    const outcome = await scene.done(scene.deliveries.message(anna, 'word '.repeat(70_000)));
    expect(outcome.messages).toHaveLength(16);
    await scene.owner.hearsThat('the end', (m) => m.getChildText('body')?.endsWith('[…]') === true);
    expect(scene.hub.states.filter((state) => state === 'up')).toHaveLength(1);
    expect(firstOf(outcome).id).not.toBe('');
  });
});
