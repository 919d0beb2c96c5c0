import { systemClock } from '@brygga/contract';
import { channelId } from '@brygga/event';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { synapseAvailable } from '../../../test/servers/index.ts';
import { check } from '../src/check.ts';
import { Contract, contractMissing } from './contract.ts';
import type { MatrixUser } from './matrix-user.ts';
import { Stage } from './stage.ts';

const available = await synapseAvailable();
/** Needs a Synapse that can be started here: not on every machine. */
const scene = test.skipIf(!available.ok);
const BOT = '@_brygga_bot:agency.test';

let stage: Stage;
let ada: MatrixUser;

beforeAll(async () => {
  // The reason for skipping is the scenes': nothing to set up then.
  if (!available.ok) return;
  stage = await Stage.build();
  await stage.open();
  ada = await stage.user('ada');
});
afterAll(async () => stage?.end());

/** What is said of that room, but for what is well. */
async function found(room: string): Promise<string[]> {
  const findings = await check({
    network: stage.hub.network,
    settings: stage.settings,
    channels: [channelId(room)],
    clock: systemClock,
    signal: new AbortController().signal,
  });
  const wrong = findings.filter(({ level }) => level !== 'ok');
  return wrong.map(({ level, what, remedy }) => `${level} ${what.replace(`${room}: `, '')}; ${remedy}`);
}

const NOT_IN = `fail the bot is not in the room; invite ${BOT}, or make the room public; it joins when the hub runs`;
const JOINS = '; it joins when the hub runs';

scene('a room the bot cannot come into fails', async () => {
  expect(await found(await ada.createRoom({ preset: 'private_chat' }))).toEqual([NOT_IN]);
  expect(await found('!nowhere:agency.test')).toEqual([NOT_IN]);
});

scene('a room it will come into is a warning', async () => {
  const invited = await ada.createRoom({ preset: 'private_chat', invite: [BOT] });
  expect(await found(invited)).toEqual([`warn the bot is not in the room yet (invited)${JOINS}`]);
  const open = await ada.createRoom({ preset: 'public_chat' });
  expect(await found(open)).toEqual([`warn the bot is not in the room yet (public)${JOINS}`]);
});

scene('a bot that was put out, or banned, is not taken for one that is in', async () => {
  const power_level_content_override = { users: { [ada.id]: 100, [BOT]: 50 } };
  const put = async (how: 'kick' | 'ban'): Promise<string[]> => {
    const room = await stage.room(ada, { power_level_content_override });
    expect(await found(room)).toEqual([]);
    await ada.call('POST', `/v3/rooms/${encodeURIComponent(room)}/${how}`, { user_id: BOT });
    return found(room);
  };
  expect(await put('kick')).toEqual([NOT_IN]);
  expect(await put('ban')).toEqual([NOT_IN]);
});

scene('a closed room where the bot may not let ghosts in fails', async () => {
  const levels = { invite: 50, users: { [ada.id]: 100 } };
  const closed = await stage.room(ada, { power_level_content_override: levels });
  const [invite] = await found(closed);
  expect(invite).toMatch(`fail the bot may not invite; give ${BOT} the power level 50`);
  const open = await stage.room(ada, { preset: 'public_chat', power_level_content_override: levels });
  expect((await found(open)).filter((one) => one.startsWith('fail'))).toEqual([]);
});

/** Runs last, over all that was asked before. Reason for skipping: the contracts are not beside every checkout. */
test.skipIf(!available.ok || contractMissing !== null)(
  'every request and answer kept to the contract',
  () => {
    expect(new Contract().problemsOf(stage.relay.exchanges)).toEqual([]);
    expect(stage.relay.exchanges.length).toBeGreaterThan(20);
  },
);
