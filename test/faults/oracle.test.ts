import { personId } from '@brygga/event';
import { dice } from '@brygga/testkit';
import { ghostId, hubId } from '@brygga/tincan';
import { beforeEach, describe, expect, it } from 'vitest';
import { complaints } from './oracle.ts';
import { HUB, networkName, personAt, Stage } from './stage.ts';

/** A room of three links without any hub: what would come over the bridge is written by hand. */
let stage: Stage;
let letters: string[];
beforeEach(() => {
  letters = [];
  const raw = { hgetall: async () => ({ ...letters }), hget: async () => null } as never;
  stage = new Stage({ url: 'redis://none', raw }, { rooms: 1, links: 3 }, dice(1));
});

const channel = (link: number) => stage.channel({ room: 0, link });
const say = (link: number, word: string): string =>
  stage.person({ room: 0, link }, 'ada').post({ text: `${word} is said` });
/** What ada of one network said, as it comes to another. */
const copy = (from: number, to: number, word: string): string =>
  channel(to).post(
    { id: ghostId(networkName(from), personId(personAt({ room: 0, link: from }, 'ada'))) },
    { text: `${word} is said` },
  ).id;
const wrong = (): Promise<string[]> => complaints(stage, false);

function carried(from: number, word: string): void {
  say(from, word);
  for (const to of [0, 1, 2]) if (to !== from) copy(from, to, word);
}

describe('the oracle', () => {
  it('has nothing to say about whole histories', async () => {
    carried(0, 'w1');
    carried(1, 'w2');
    expect(await wrong()).toEqual([]);
  });

  it('misses what is missing, and sees what came twice, or as an echo', async () => {
    say(0, 'w1');
    copy(0, 1, 'w1');
    expect(await wrong()).toEqual(['r0: w1 of n0 on n2 is missing']);
    copy(0, 2, 'w1');
    copy(0, 2, 'w1');
    expect(await wrong()).toEqual(['r0: w1 of n0 on n2 is there 2 times']);
    copy(0, 0, 'w1');
    expect(await wrong()).toContain('r0: w1 of n0 on n0 is there 2 times');
  });

  it('sees what is out of order, between two links and against the origin', async () => {
    for (const word of ['w1', 'w2']) say(0, word);
    for (const word of ['w1', 'w2']) copy(0, 1, word);
    for (const word of ['w2', 'w1']) copy(0, 2, word);
    expect((await wrong()).join()).toMatch(/n1 and n2 show w1 and w2 in different order/);
    expect((await wrong()).join()).toMatch(/n0 itself and n2 show w1 and w2 in different order/);
  });

  it('sees another author, another text, what is still there, and reactions of nobody', async () => {
    carried(0, 'w1');
    const [own] = [...channel(0).messages];
    const [there] = [...channel(1).messages];
    stage.person({ room: 0, link: 0 }, 'ada').edit(own?.id ?? '', 'w1 changed');
    expect(await wrong()).toHaveLength(2);
    stage.person({ room: 0, link: 0 }, 'ada').remove(own?.id ?? '');
    expect((await wrong())[0]).toContain('is still there');
    carried(2, 'w9');
    channel(1).react({ id: '~nobody' }, there?.id ?? '', ['👍']);
    expect((await wrong()).length).toBeGreaterThan(2);
    channel(1).post({ id: '~else' }, { text: 'w9 is said' });
    expect((await wrong()).join()).toContain('w9 of n2 on n1 is there 2 times');
  });

  it('sees a reaction that is not carried', async () => {
    carried(0, 'w1');
    stage.person({ room: 0, link: 0 }, 'ada').react([...channel(0).messages][0]?.id ?? '', '👍', true);
    expect((await wrong()).join()).toMatch(/w1 of n0 on n1 has reactions \[\] instead of \[~n0.*👍\]/);
  });

  it('sees who joined here and not there', async () => {
    stage.person({ room: 0, link: 0 }, 'bob');
    expect(await wrong()).toEqual(['r0: bob of n0 is not on n1', 'r0: bob of n0 is not on n2']);
  });

  it('lets be what was given up, once the origin was told', async () => {
    say(0, 'w1');
    copy(0, 1, 'w1');
    letters = [JSON.stringify({ link: 'n2', item: { event: { kind: 'message', plain: 'w1 is said' } } })];
    expect(await wrong()).toEqual(['r0: w1 of n0 on n2 was given up, and nobody was told']);
    channel(0).post({ id: hubId(HUB) }, { text: 'A message was not delivered' });
    expect(await wrong()).toEqual([]);
  });
});
