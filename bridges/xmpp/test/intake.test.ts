import type { BridgeContext } from '@brygga/contract';
import { channelId, networkId } from '@brygga/event';
import { type FakeContext, fakeContext, ManualClock } from '@brygga/testkit';
import { expect, it } from 'vitest';
import { el } from '../src/element.ts';
import type { XmppSettings } from '../src/index.ts';
import { Intake } from '../src/intake.ts';
import { Memory } from '../src/memory.ts';
import { parseMessage } from '../src/parse.ts';

const ROOM = channelId('room@muc.example.org');

class Setting {
  readonly clock = new ManualClock();
  readonly ctx: FakeContext = fakeContext({ clock: this.clock });
  held = 0;
  stuck = 0;
  readonly batches: { count: number; cursor: string | undefined }[] = [];
  readonly intake: Intake;

  constructor() {
    const accept: FakeContext['accept'] = (intake) => {
      this.batches.push({ count: intake.events.length, cursor: intake.cursor });
      return this.ctx.accept(intake);
    };
    const ctx = Object.create(this.ctx, { accept: { value: accept } }) as BridgeContext<XmppSettings>;
    this.intake = new Intake(ctx, ROOM, {
      hold: () => {
        this.held += 1;
      },
      goOn: () => {
        this.held -= 1;
      },
      stuck: () => {
        this.stuck += 1;
      },
    });
  }

  say(id: string): void {
    const message = el('message', { type: 'groupchat', from: `${ROOM}/Bo`, id }, el('body', {}, id));
    const parsed = parseMessage(
      message,
      {
        network: networkId('near'),
        channel: ROOM,
        room: ROOM,
        stanzaIds: false,
        occupantIds: false,
        people: { nicks: () => [], target: () => null },
        memory: new Memory(),
        isOwn: () => false,
        nonAnonymous: false,
        sentId: () => null,
        isSigned: () => false,
        occupantId: () => null,
        realJid: () => null,
      },
      { archiveId: null, at: 1, spareId: id },
    );
    if (parsed.kind === 'event') this.intake.push({ event: parsed.event, cursor: `1:${id}` });
  }
  get heard(): string[] {
    return this.ctx.accepted.flatMap((event) => (event.kind === 'message' ? [event.plain] : []));
  }
}

it('gathers what comes while one accept is under way', async () => {
  const setting = new Setting();
  setting.ctx.acceptDelayMs = 50;
  for (let index = 0; index < 5; index++) setting.say(`a${index}`);
  await setting.clock.advance(10);
  for (let index = 0; index < 7; index++) setting.say(`b${index}`);
  await setting.clock.advance(200);
  expect(setting.batches.map(({ count }) => count)).toEqual([5, 7]);
  expect(setting.batches.at(-1)?.cursor).toBe('1:b6');
  expect(setting.heard).toHaveLength(12);
  expect(setting.clock.waiting).toBe(0);
});

it('saves the cursor alone once a second, and with the next event', async () => {
  const setting = new Setting();
  for (let index = 0; index < 500; index++) setting.intake.push({ event: null, cursor: `1:own${index}` });
  await setting.clock.advance(999);
  expect(setting.batches).toEqual([]);
  await setting.clock.advance(2);
  expect(setting.batches).toEqual([{ count: 0, cursor: '1:own499' }]);
  setting.intake.push({ event: null, cursor: '1:own500' });
  setting.say('x');
  setting.intake.push({ event: null, cursor: '1:own501' });
  await setting.clock.advance(0);
  expect(setting.batches.at(-1)).toEqual({ count: 1, cursor: '1:own501' });
  expect(setting.clock.waiting).toBe(0);
});

it('moves the cursor no further than what is stored', async () => {
  const setting = new Setting();
  setting.ctx.acceptDelayMs = 10;
  for (let index = 0; index < 450; index++) setting.say(`m${index}`);
  await setting.clock.advance(5);
  expect(setting.batches).toEqual([{ count: 200, cursor: '1:m199' }]);
  await setting.clock.advance(100);
  expect(setting.batches.map(({ cursor }) => cursor)).toEqual(['1:m199', '1:m399', '1:m449']);
});

it('keeps everything, in order, while the hub cannot store', async () => {
  const setting = new Setting();
  setting.ctx.refuseAccepts = true;
  setting.say('one');
  await setting.clock.advance(2000);
  setting.say('two');
  await setting.clock.advance(2000);
  setting.ctx.refuseAccepts = false;
  await setting.clock.advance(10_000);
  expect(setting.heard).toEqual(['one', 'two']);
  expect(setting.ctx.problems).toEqual([]);
});

it('stops reading at its bound, and lets go when the hub stays away: the archive has it', async () => {
  const setting = new Setting();
  setting.ctx.refuseAccepts = true;
  for (let index = 0; index < 2500; index++) setting.say(`m${index}`);
  expect(setting.held).toBe(1);
  let roomy = false;
  void setting.intake.roomy().then(() => {
    roomy = true;
  });
  await setting.clock.advance(60_000);
  expect(roomy).toBe(false);
  await setting.clock.advance(600_000);
  expect({ held: setting.held, stuck: setting.stuck, roomy }).toEqual({ held: 0, stuck: 1, roomy: true });
  expect(setting.intake.position).toBeNull();
  setting.ctx.refuseAccepts = false;
  setting.say('again');
  await setting.clock.advance(1);
  expect(setting.heard).toEqual(['again']);
});

it('stores at its end what is there, without waiting for a hub that cannot', async () => {
  const setting = new Setting();
  setting.intake.push({ event: null, cursor: '1:own' });
  await setting.intake.close();
  expect(setting.batches).toEqual([{ count: 0, cursor: '1:own' }]);
  const other = new Setting();
  other.ctx.refuseAccepts = true;
  other.say('lost for now');
  await other.clock.advance(1);
  await other.intake.close();
  other.say('too late');
  expect(other.heard).toEqual([]);
});
