import { expect, it } from 'vitest';
import { readHubNotice } from './hub-notice.ts';

const GOOD = { hub: 'brygga', instance: 'abcdefgh', room: 'A-Z_0123', link: 'ijklmnop', since: -1 };

it('a notice is read as it was written, and nothing beside it', () => {
  expect(readHubNotice({ ...GOOD, more: 1 })).toEqual(GOOD);
});

it.each([
  {},
  { ...GOOD, hub: '' },
  { ...GOOD, hub: 'h'.repeat(129) },
  { ...GOOD, instance: 'short' },
  { ...GOOD, room: 'with space' },
  { ...GOOD, link: 'l'.repeat(65) },
  { ...GOOD, since: '1' },
  { ...GOOD, since: 0.5 },
  { ...GOOD, since: 1e16 },
  { ...GOOD, since: Number.NaN },
])('what anybody may have written is no notice: %j', (written) => {
  expect(readHubNotice(written)).toBeNull();
});
