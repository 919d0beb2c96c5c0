import type { OperatorsDesk } from '@brygga/hub';
import { describe, expect, test } from 'vitest';
import { deskOf, idOf, ioAt, LINK, letter, NOW } from './testing/desk.ts';
import { held } from './testing/run.ts';

const run = (desk: OperatorsDesk, args: readonly string[], answer: string | null = null) =>
  held(['dead', ...args, '-c', 'a.yaml'], ioAt(desk, answer));

describe('brygga dead list', () => {
  test('as a table', async () => {
    const { desk } = deskOf([letter(1), letter(2, 'replayed', { link: null })]);
    const { exit, out } = await run(desk, ['list']);
    expect(exit).toBe(0);
    const [title, first, second, , end] = out.split('\n');
    expect(title).toMatch(/^ID +ROOM +LINK +GIVEN UP +CODE +TRIES +KIND +AGE$/);
    expect(first).toMatch(
      /\/drum {2}coast {2}drum \(Southern Watch\) {7}2026-11-23T14:05:57Z {2}TOO_OLD {2}41 {5}message {2}3 days$/,
    );
    expect(second).toContain('drum (not in the settings)');
    expect(end).toBe('2 dead letters');
  });

  test('of none, and of more than asked for', async () => {
    expect((await run(deskOf([]).desk, ['list'])).out).toBe('no dead letters\n');
    const { desk } = deskOf([letter(1), letter(2)]);
    expect((await run(desk, ['list', '--limit', '1'])).out).toContain('1 dead letter; --limit shows more');
  });

  test('as JSON, without what was written', async () => {
    const { out } = await run(deskOf([letter(1)]).desk, ['list', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      at: NOW,
      letters: [
        {
          id: idOf(1),
          room: 'coast',
          link: 'drum',
          linkInSettings: true,
          code: 'TOO_OLD',
          reason: "the delivery could not be made within the link's deliverWithin",
          history: { tries: 41, codes: { NETWORK_DOWN: 41 } },
        },
      ],
    });
    expect(out).not.toContain('ada');
  });

  test('of a link that is neither in the settings nor has letters', async () => {
    const { exit, err } = await run(deskOf([letter(1)]).desk, ['list', '--link', 'drun']);
    expect(exit).toBe(2);
    expect(err).toContain('the settings have no link "drun": did you mean "drum"?');
  });

  test('of a link that is not in the settings any more and has some', async () => {
    const old = letter(1, 'retired', { linkId: 'old', link: null });
    expect(await run(deskOf([old]).desk, ['list', '--link', 'old'])).toMatchObject({ exit: 0 });
    const { exit, err } = await run(deskOf([old]).desk, ['replay', '--all', '--link', 'old', '--yes']);
    expect(exit).toBe(2);
    expect(err).toContain('put it back under the same id');
  });
});

describe('brygga dead show', () => {
  test('says why, what was tried, and what a replay would do', async () => {
    const { exit, out } = await run(deskOf([letter(1)]).desk, ['show', idOf(1)]);
    expect(exit).toBe(0);
    expect(out).toContain(
      "code      TOO_OLD: the delivery could not be made within the link's deliverWithin",
    );
    expect(out).toContain('given up  2026-11-23T14:05:57Z, 3 h ago');
    expect(out).toContain(
      'tries     41, the first 2026-11-20T09:05:57Z, the last 2026-11-23T13:05:57Z: NETWORK_DOWN 41 times',
    );
    expect(out).toContain('replay    would go to the end of its lane: it arrives late, out of its place\n');
    expect(out).not.toContain('ada');
  });

  test('what was written only when asked, harmless for the terminal', async () => {
    const { desk } = deskOf([letter(1)]);
    const { out } = await run(desk, ['show', idOf(1), '--contents']);
    expect(out).toMatch(/\n\nwhat ada wrote \[2J\nand more\n$/);
    const json = JSON.parse((await run(desk, ['show', idOf(1), '--contents', '--json'])).out);
    expect(json).toMatchObject({
      id: idOf(1),
      verdict: 'replayed',
      contents: 'what ada wrote\u001b[2J\nand more',
    });
    const bare = JSON.parse((await run(desk, ['show', idOf(1), '--json'])).out);
    expect(bare).not.toHaveProperty('contents');
  });

  test('one that is not there', async () => {
    const { exit, err } = await run(deskOf([]).desk, ['show', idOf(1)]);
    expect(exit).toBe(1);
    expect(err).toContain(`there is no dead letter ${idOf(1)}`);
  });
});

describe('brygga dead replay', () => {
  test('asks, and does nothing without a yes', async () => {
    for (const answer of ['', 'n', 'yess']) {
      const { desk, done } = deskOf([letter(1)]);
      const { exit, err } = await run(desk, ['replay', idOf(1)], answer);
      expect(exit).toBe(0);
      expect(err).toContain('would go to the end of its lane');
      expect(err).toMatch(/brygga: nothing done\n$/);
      expect(done).toEqual(['closed']);
    }
  });

  test('with a yes puts back what it said it would', async () => {
    const { desk, done } = deskOf([letter(1), letter(2)]);
    const io = ioAt(desk, 'Y');
    const { exit, out } = await held(['dead', 'replay', idOf(1), '-c', 'a.yaml'], io);
    expect(exit).toBe(0);
    expect(io.asked).toEqual(['Put 1 letter back? [y/N] ']);
    expect(out).toMatch(/put back to the end of its lane\n\n1 letter put back\n$/);
    expect(done).toEqual([`replay ${idOf(1)}`, 'closed']);
  });

  test('--dry-run does nothing, and needs nobody to ask', async () => {
    const { desk, done } = deskOf([letter(1), letter(2, 'removed')]);
    const { exit, out } = await run(desk, ['replay', '--all', '--dry-run']);
    expect(exit).toBe(1);
    expect(out).toContain('would stay: its message was removed meanwhile; drop it');
    expect(out).toMatch(/1 letter would be put back, 1 letter would stay\n$/);
    expect(done).toEqual(['closed']);
  });

  test('--yes asks nobody; what does not go is a problem', async () => {
    const { desk, done } = deskOf([letter(1), letter(2, 'overtaken')]);
    const { exit, out } = await run(desk, ['replay', '--all', '--yes', '--json']);
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      dryRun: false,
      summary: { replayed: 1, overtaken: 1 },
      letters: [{ id: idOf(1), verdict: 'replayed' }, { verdict: 'overtaken' }],
      missing: [],
    });
    expect(done[0]).toBe(`replay ${idOf(1)} ${idOf(2)}`);
  });

  test('says before what was changed since, and what would only wait', async () => {
    const link = { ...LINK, mode: 'paused' };
    const { desk } = deskOf([letter(1, 'replayed', { changed: true }), letter(2, 'replayed', { link })]);
    const { err } = await run(desk, ['replay', '--all'], 'n');
    expect(err).toContain('out of its place; it was changed since, and arrives with its first words\n');
    expect(err).toContain('out of its place; its link is paused: it waits there\n');
  });

  test('of letters none of which goes asks nobody and does nothing', async () => {
    const { desk, done } = deskOf([letter(1, 'full')]);
    const { exit, out } = await run(desk, ['replay', idOf(1)], 'y');
    expect(exit).toBe(1);
    expect(out).toContain('its lane is full');
    expect(done).toEqual(['closed']);
  });

  test('names the ids that are none, and does the others', async () => {
    const { desk, done } = deskOf([letter(1)]);
    const { exit, err } = await run(desk, ['replay', idOf(1), idOf(9), '--yes']);
    expect(exit).toBe(1);
    expect(err).toContain(`there is no dead letter ${idOf(9)}`);
    expect(done[0]).toBe(`replay ${idOf(1)}`);
  });

  test('what somebody else took meanwhile is named', async () => {
    const { desk } = deskOf([letter(1), letter(2)]);
    const letters = { ...desk.letters, replay: async () => [letter(2)] };
    const { exit, err, out } = await run({ ...desk, letters }, ['replay', '--all', '--yes']);
    expect(exit).toBe(1);
    expect(err).toContain(`there is no dead letter ${idOf(1)}`);
    expect(out).toContain('1 letter put back\n');
  });

  test('of many shows the first', async () => {
    const { desk } = deskOf(Array.from({ length: 25 }, (_, number) => letter(number)));
    const { exit, out, err } = await run(desk, ['replay', '--all', '--yes']);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toContain('… and 5 more');
    expect(out).toContain('25 letters put back');
  });

  test('of none at all is well', async () => {
    const { exit, out } = await run(deskOf([]).desk, ['replay', '--all', '--yes']);
    expect({ exit, out }).toEqual({ exit: 0, out: 'no dead letters\n' });
  });

  test.each([
    ['nothing named', [], 'which letters?'],
    ['ids and --all', [idOf(1), '--all'], 'not both'],
    ['an id and a room', [idOf(1), '--room', 'coast'], 'choose among --all'],
    ['no id', ['drum'], 'is no id of a dead letter'],
    ['nobody to ask', [idOf(1)], 'there is no terminal to ask on; say --yes, or --dry-run'],
    ['an unknown room', ['--all', '--room', 'hills', '--yes'], 'the settings have no room "hills"'],
  ])('%s', async (_, args, says) => {
    for (const command of ['replay', 'drop']) {
      const { desk, done } = deskOf([letter(1)]);
      const { exit, err } = await run(desk, [command, ...args]);
      expect(exit).toBe(2);
      expect(err).toContain(says);
      expect(done.filter((what) => what !== 'closed')).toEqual([]);
    }
  });
});

describe('brygga dead drop', () => {
  test('asks, then removes', async () => {
    const { desk, done } = deskOf([letter(1), letter(2)]);
    const io = ioAt(desk, 'yes');
    const { exit, out, err } = await held(['dead', 'drop', '--all', '-c', 'a.yaml'], io);
    expect(exit).toBe(0);
    expect(err).toContain('would be removed for good');
    expect(io.asked).toEqual(['Remove 2 letters for good? [y/N] ']);
    expect(out).toMatch(/2 letters removed for good\n$/);
    expect(done[0]).toBe(`drop ${idOf(1)} ${idOf(2)}`);
  });

  test('without a yes, and dry, nothing', async () => {
    const { desk, done } = deskOf([letter(1)]);
    expect((await run(desk, ['drop', idOf(1)], 'no')).err).toContain('nothing done');
    const { out } = await run(desk, ['drop', idOf(1), '--dry-run', '--json']);
    expect(JSON.parse(out)).toEqual({
      dryRun: true,
      letters: [{ id: idOf(1), room: 'coast', link: 'drum', dropped: false }],
      missing: [],
    });
    expect(done.filter((what) => what !== 'closed')).toEqual([]);
  });

  test('says which were gone already', async () => {
    const { desk } = deskOf([letter(1), letter(2)]);
    const letters: OperatorsDesk['letters'] = { ...desk.letters, drop: async (places) => places.slice(1) };
    const { exit, out } = await run({ ...desk, letters }, ['drop', '--all', '--yes']);
    expect(exit).toBe(1);
    expect(out).toContain('was no dead letter any more');
    expect(out).toContain('1 letter removed for good');
  });
});
