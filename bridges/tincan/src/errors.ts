import { faultOf, type Log, later, type Outcome, refused, unsure } from '@brygga/contract';
import { TincanError, type TincanTrouble } from './world/types.ts';

const OUTCOMES: Readonly<Record<TincanTrouble, (afterMs: number | undefined) => Outcome>> = {
  down: () => later('NETWORK_DOWN'),
  lost: () => unsure('CONNECTION_LOST'),
  aborted: () => unsure('NO_ANSWER'),
  throttled: (afterMs) =>
    later('NETWORK_BUSY', afterMs === undefined ? { scope: 'network' } : { scope: 'network', afterMs }),
  internal: () => later('NETWORK_ERROR'),
  password: () => later('CREDENTIALS_REFUSED', { scope: 'network' }),
  forbidden: () => refused('FORBIDDEN'),
  banned: () => refused('PERSON_BANNED'),
  noChannel: () => refused('CHANNEL_GONE'),
  noMessage: () => refused('TARGET_UNKNOWN'),
  tooLarge: () => refused('TOO_LARGE'),
  empty: () => refused('NOT_ACCEPTABLE'),
};

/** What a failed call means for a delivery. A defect counts as unsure: nobody knows how far it came. */
export function outcomeOf(error: unknown, log: Log): Outcome {
  if (error instanceof TincanError) return OUTCOMES[error.trouble](error.afterMs);
  log.error('send.fault', { fault: faultOf(error) });
  return unsure('BRIDGE_FAULT');
}
