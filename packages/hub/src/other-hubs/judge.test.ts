import type { HubNotice } from '@brygga/contract';
import { type LinkId, linkId } from '@brygga/event';
import { describe, expect, it } from 'vitest';
import { judge, together } from './judge.ts';

const notice = (instance: string, since: number, more: Partial<HubNotice> = {}): HubNotice => ({
  hub: 'hub',
  instance,
  room: `room of ${instance}`,
  link: `link of ${instance}`,
  since,
  ...more,
});

/** What is cut in a room of ours, opened at 500 by the installation `me`, with these notices in its channels. */
function cut(seen: Partial<Record<string, readonly HubNotice[]>>): Record<LinkId, string> {
  const cuts = judge({
    links: ['a', 'b', 'c', 'd'].map(linkId),
    own: { instance: 'me', since: 500 },
    seen: new Map(Object.entries(seen).map(([link, notices = []]) => [linkId(link), notices])),
    isEarlierLink: (token, link) => token < `token ${link}` && token.startsWith('token '),
  });
  return Object.fromEntries(cuts);
}

describe('a room with other hubs in its channels', () => {
  it('is carried when nobody else is there', () => {
    expect(cut({})).toEqual({});
  });

  it('is carried when another hub is in one of them only: it carries to elsewhere', () => {
    expect(cut({ a: [notice('early', 1)], b: [notice('other', 1)] })).toEqual({});
  });

  it('is left to an earlier hub between the channels that both have', () => {
    const early = notice('early', 499);
    expect(cut({ b: [early], c: [early], d: [early] })).toEqual({ c: 'otherHub', d: 'otherHub' });
  });

  it('is not left to a later one', () => {
    const late = notice('late', 501);
    expect(cut({ a: [late], b: [late] })).toEqual({});
  });

  it('of two opened in the same moment the one with the lesser name is earlier', () => {
    const same = (instance: string) => cut({ a: [notice(instance, 500)], b: [notice(instance, 500)] });
    expect(same('ma')).toEqual({ b: 'otherHub' });
    expect(same('mo')).toEqual({});
  });

  it('is not left to two rooms of one hub, each in one of the channels', () => {
    const [one, two] = [notice('early', 1), notice('early', 1, { room: 'another room' })];
    expect(cut({ a: [one], b: [two] })).toEqual({});
  });

  it('is left to several, each for its part', () => {
    const [one, two] = [notice('one', 1), notice('two', 2)];
    expect(cut({ a: [one], b: [one, two], c: [two] })).toEqual({ b: 'otherHub', c: 'otherHub' });
  });
});

describe('a channel of two links', () => {
  it('belongs to the first of them', () => {
    const first = notice('me', 500, { link: 'token a' });
    const second = notice('me', 500, { link: 'token b' });
    expect(cut({ a: [second], b: [first] })).toEqual({ b: 'linkedTwice' });
  });

  it('is one where the other link is still in the settings', () => {
    expect(cut({ b: [notice('me', 500, { link: 'a token nobody knows' })] })).toEqual({});
  });
});

describe('what is remembered of a channel', () => {
  it('is who is there and who has been, each as last seen', () => {
    const [one, two] = [notice('one', 1), notice('two', 2)];
    expect(together([], [one, two])).toEqual([one, two]);
    const later = { ...two, since: 3 };
    expect(together([one, two], [later])).toEqual([one, later]);
  });

  it('is bounded, and the newest of it', () => {
    const many = Array.from({ length: 200 }, (_, index) => notice(`hub ${index}`, 1));
    const kept = together(many.slice(0, 150), many.slice(150));
    expect(kept).toEqual(many.slice(-64));
  });
});
