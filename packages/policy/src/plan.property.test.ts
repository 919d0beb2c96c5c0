import { FEATURES, type Feature, GRADES, type Grade } from '@brygga/contract';
import { Event, linkId, nativeId, type Target } from '@brygga/event';
import { arbitraryBody, arbitraryText } from '@brygga/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  channel,
  edit,
  link,
  manifest,
  membership,
  message,
  reaction,
  removal,
  room,
  target,
} from '../test/samples.ts';
import { plan } from './plan.ts';

const style = fc.constantFrom('text' as const, 'emote' as const, 'notice' as const);
const mentions = fc.subarray([{ kind: 'room' as const }, { kind: 'channel' as const }]);
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined });
const excerpt = fc.record({
  author: fc.constant('Ben'),
  text: arbitraryText().map((said) => said.slice(0, 500)),
});
const about: fc.Arbitrary<Target> = maybe(excerpt).map((quoted) => ({
  natives: [nativeId('m0')],
  ...(target.event === undefined ? {} : { event: target.event }),
  ...(quoted === undefined ? {} : { excerpt: quoted }),
}));
const content = fc.record({ body: arbitraryBody(), plain: arbitraryText(), style, mentions });
const emoji = fc.uniqueArray(fc.constantFrom('👍', '❤️', ':party:', ':tea:'), { maxLength: 4 });
const file = fc.record({
  name: fc.constantFrom('a.txt', 'plan.pdf'),
  mediaType: fc.constant('text/plain'),
  bytes: fc.option(fc.nat(), { nil: null }),
  source: fc.constant('s'),
});

const said = fc
  .tuple(content, fc.array(file, { maxLength: 2 }), maybe(about), maybe(about))
  .map(([words, attachments, replyTo, thread]) =>
    message({
      ...words,
      attachments,
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(thread === undefined ? {} : { thread }),
    }),
  );
const event: fc.Arbitrary<Event> = fc.oneof(
  said,
  content.map((words) => edit(words)),
  fc.constant(removal()),
  emoji.map((set) => reaction(set)),
  fc.constantFrom('join', 'leave', 'kick', 'ban', 'rename').map((change) => membership({ change } as object)),
  fc.constantFrom({ name: 'Tea' }, { topic: 'On tea' }, { name: 'Tea', topic: 'On tea' }).map(channel),
);
const grades = fc.dictionary(fc.constantFrom(...FEATURES), fc.constantFrom(...GRADES)) as fc.Arbitrary<
  Partial<Record<Feature, Grade>>
>;
const links = fc
  .array(fc.tuple(grades, fc.constantFrom('any' as const, 'unicode' as const)), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((made) => {
    const modes = fc.array(fc.constantFrom('active' as const, 'readOnly' as const, 'paused' as const), {
      minLength: made.length,
      maxLength: made.length,
    });
    return modes.map((mode) =>
      made.map(([out, reactions], index) =>
        link(`l${index}`, { mode: mode[index] ?? 'active', manifest: manifest(out, { reactions }) }),
      ),
    );
  });

describe('plan, for any event and any manifests', () => {
  it('never delivers to the origin, never touches what it was given, gives valid events of the same identity', () => {
    fc.assert(
      fc.property(
        event,
        links,
        fc.boolean(),
        fc.boolean(),
        emoji,
        (given, there, massMentions, byModerator, set) => {
          const before = structuredClone(given);
          const where = room(there, { massMentions });
          const decisions = plan(given, linkId('l0'), where, 'Ada (North)', byModerator, set);
          expect(given).toEqual(before);
          expect(decisions.map((decision) => decision.link)).toEqual(there.slice(1).map(({ id }) => id));
          for (const decision of decisions) {
            if (decision.verdict === 'withhold') continue;
            for (const one of [decision.event, decision.beside ?? decision.event]) {
              const checked = Event.safeParse(one);
              expect(checked.error?.issues ?? []).toEqual([]);
              const { id, origin, sender, acceptedAt } = one;
              expect({ id, origin, sender, acceptedAt }).toEqual({
                id: given.id,
                origin: given.origin,
                sender: given.sender,
                acceptedAt: given.acceptedAt,
              });
              if (!massMentions) expect(JSON.stringify(one)).not.toMatch(/\{"kind":"(?:room|channel)"\}/);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
