import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { talkWith } from './real/history.ts';
import { MATRIX, XMPP } from './real/room.ts';
import { lastLook } from './real/run.ts';
import { RealStage } from './real/stage.ts';
import type { Fault } from './strikes.ts';
import { faultName } from './systematic.ts';

/** Of what `npm run faults -- --tier real` plays, what every change has to pass: one step of the faults that differ most. */
const CHOSEN: readonly { readonly fault: Fault; readonly n: number }[] = [
  { fault: { on: 'command', of: 'room', what: 'lose' }, n: 12 },
  { fault: { on: 'command', of: 'room', what: 'die' }, n: 25 },
  { fault: { on: 'call', to: MATRIX, what: 'before' }, n: 6 },
  { fault: { on: 'call', to: MATRIX, what: 'commit' }, n: 3 },
  { fault: { on: 'call', to: MATRIX, what: 'dieAfter' }, n: 5 },
  { fault: { on: 'call', to: XMPP, what: 'before' }, n: 4 },
  { fault: { on: 'call', to: XMPP, what: 'commit' }, n: 2 },
];

let stage: RealStage;
beforeAll(async () => {
  stage = await RealStage.open(2);
});
afterAll(() => stage.close());

describe('between real servers nothing is lost, doubled or out of order', () => {
  it.each(CHOSEN.map((one) => ({ ...one, name: faultName(one.fault) })))(
    '$name, step $n',
    async ({ fault, n }) => {
      expect(await talkWith(stage, fault, n)).toMatchObject({ struck: true });
    },
  );

  it('nor later, when the hub has ended', async () => {
    expect(await lastLook(stage)).toEqual([]);
  });
});
