import type { Delivery } from '@brygga/contract';
import {
  channelId,
  type Event,
  eventId,
  linkId,
  nativeId,
  networkId,
  personId,
  plainBody,
  roomId,
} from '@brygga/event';
import { describe, expect, it } from 'vitest';
import { Wrong } from './job.ts';
import { channelName, Ledger, LINKS } from './ledger.ts';

function deliveryOf(text: string, channel: number, acceptedAt: number, maybeSent = false): Delivery {
  const event: Event = {
    v: 1,
    kind: 'message',
    id: eventId('0'),
    origin: {
      network: networkId('tin-0'),
      channel: channelId('room-0'),
      nativeId: nativeId('1'),
      revision: '1',
      aliases: [],
    },
    sender: { nativeId: personId('anna'), displayName: 'Anna', kind: 'person' },
    sentAt: 0,
    acceptedAt,
    hops: [],
    body: plainBody(text),
    plain: text,
    style: 'text',
    mentions: [],
    attachments: [],
  };
  return {
    key: 'key',
    room: roomId('room-0'),
    link: linkId('tin-1'),
    channel: channelId(channelName(channel)),
    event,
    persona: null,
    target: [],
    replyTo: null,
    thread: null,
    reactions: {},
    targetAuthor: null,
    maybeSent,
  };
}

describe('Ledger', () => {
  const ledgerOfTwo = () => {
    const ledger = new Ledger(2);
    return { ledger, first: ledger.say(0), second: ledger.say(0) };
  };

  it('is content when everything arrives on every other link, in order, once', () => {
    const { ledger, first, second } = ledgerOfTwo();
    for (const [index, text] of [first, second].entries()) {
      ledger.handed(text);
      for (let network = 1; network < LINKS; network++)
        ledger.arrived(network, deliveryOf(text, network, index + 1));
    }
    ledger.assertWhole();
    expect([ledger.complete, ledger.deliveries]).toEqual([2, 2 * (LINKS - 1)]);
    expect([ledger.saidIn(0), ledger.gotten(0), ledger.gotten(1)]).toEqual([2, 0, 2]);
    expect(ledger.added(0)).toBeGreaterThanOrEqual(0);
  });

  it('notices what is lost, doubled, overtaken or carried to another room', () => {
    const lost = ledgerOfTwo();
    lost.ledger.arrived(1, deliveryOf(lost.first, 1, 1));
    expect(() => lost.ledger.assertWhole()).toThrow(Wrong);
    expect(() => lost.ledger.arrived(1, deliveryOf(lost.first, 1, 2))).toThrow('twice');
    const overtaken = ledgerOfTwo();
    expect(() => overtaken.ledger.arrived(1, deliveryOf(overtaken.second, 1, 1))).toThrow('out of order');
    const elsewhere = ledgerOfTwo();
    expect(() => elsewhere.ledger.arrived(1, deliveryOf(elsewhere.first, LINKS + 1, 1))).toThrow('came to');
  });

  it('counts what a hub that is not sure makes again, without taking it for another delivery', () => {
    const { ledger, first, second } = ledgerOfTwo();
    ledger.arrived(1, deliveryOf(first, 1, 1));
    ledger.arrived(1, deliveryOf(first, 1, 1, true));
    ledger.arrived(1, deliveryOf(second, 1, 2, true));
    expect([ledger.repeated, ledger.deliveries]).toEqual([1, 2]);
  });

  it('notices a message that stays out while it forgets the ones of its time', () => {
    const ledger = new Ledger(1);
    const text = ledger.say(0);
    for (let said = 1; said < 2 ** 18; said++) ledger.say(0);
    expect(() => ledger.say(0)).toThrow('has not arrived');
    for (let network = 1; network < LINKS; network++) ledger.arrived(network, deliveryOf(text, network, 1));
    expect(ledger.say(0)).toMatch(/^262144 /);
  });

  it('notices an order that is not that of the room', () => {
    const ledger = new Ledger(1);
    const [one, two] = [ledger.say(0), ledger.say(1)];
    ledger.arrived(2, deliveryOf(one, 2, 9));
    expect(() => ledger.arrived(2, deliveryOf(two, 2, 9))).toThrow('order of its room');
  });
});
