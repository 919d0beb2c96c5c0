import { FEATURES, type Feature } from '@brygga/contract';
import { conformance, dice } from '@brygga/testkit';
import type { CallFault, NoticeFault } from '../src/world/faults.ts';
import { tincanHarness } from './harness.ts';

conformance(tincanHarness({ name: 'tincan' }));

conformance(tincanHarness({ name: 'tincan without delivery keys', idempotency: 'lookup' }));

/** All but what any network has. */
const lesser: Feature[] = FEATURES.filter((feature) => feature !== 'message' && feature !== 'personName');
conformance(tincanHarness({ name: 'tincan that can do little', without: lesser }));

const refused: Feature[] = [
  'edit',
  'deleteOwn',
  'deleteByModerator',
  'reaction',
  'membership',
  'channelName',
];
conformance(tincanHarness({ name: 'tincan that refuses', refuse: refused }));

/** The network misbehaves all the time; each run plays the same way. */
for (const idempotency of ['key', 'lookup'] as const) {
  conformance(
    tincanHarness({
      name: `tincan on a bad day, by ${idempotency}, seed 7`,
      idempotency,
      trouble: (network) => {
        const { oneIn, below, pick } = dice(7);
        network.notices.always(() => {
          if (!oneIn(3)) return undefined;
          return pick<NoticeFault>([
            { kind: 'duplicate' },
            { kind: 'reorder' },
            { kind: 'forget' },
            { kind: 'lag', ms: below(20) },
          ]);
        });
        network.calls.always(
          () => {
            if (!oneIn(4)) return undefined;
            return pick<CallFault>([
              { kind: 'lag', ms: below(10) },
              { kind: 'lateAnswer', ms: below(10) },
              { kind: 'hangUp', commit: true },
              { kind: 'hangUp', commit: false },
              { kind: 'throttle', afterMs: below(10) },
              { kind: 'internal' },
            ]);
          },
          ({ name }) => name !== 'connect',
        );
      },
      skips: {
        'tells when it is up, and when it is not any more':
          'On a line that breaks all the time, the state at any one moment is a matter of luck.',
      },
    }),
  );
}
