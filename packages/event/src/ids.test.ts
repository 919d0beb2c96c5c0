import { describe, expect, it } from 'vitest';
import { ChannelId, EventId, NetworkId } from './index.ts';

describe('ids', () => {
  it.each(['skv-chat', 'a', '0.x_y'])('%s names a network', (id) =>
    expect(NetworkId.safeParse(id).success).toBe(true),
  );
  it.each(['', 'Skv', '-a', 'a b', 'å', 'a'.repeat(65), 'a{b}'])('%j does not', (id) => {
    expect(NetworkId.safeParse(id).success).toBe(false);
  });
  it('of channels are in the words of the network', () => {
    expect(ChannelId.safeParse('!room:example.org / Ö').success).toBe(true);
    expect(ChannelId.safeParse('').success).toBe(false);
    expect(ChannelId.safeParse('x'.repeat(1025)).success).toBe(false);
  });
  it('of events are UUIDs that hold their time', () => {
    expect(EventId.safeParse('01890a5d-ac96-7b7c-8f8a-1f5f5f5f5f5f').success).toBe(true);
    expect(EventId.safeParse('01890a5d-ac96-4b7c-8f8a-1f5f5f5f5f5f').success).toBe(false);
  });
});
