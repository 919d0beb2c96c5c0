import type { Fault } from '../strikes.ts';
import { MATRIX, XMPP } from './room.ts';

const COMMANDS = ['refuse', 'lose', 'error', 'hang', 'die', 'dieAfter', 'freeze'] as const;
const REQUESTS = ['before', 'commit', 'loseAnswer', 'throttle', 'internal', 'die', 'dieAfter'] as const;
const STANZAS = ['before', 'commit', 'loseAnswer', 'die', 'dieAfter'] as const;
/** A homeserver pushes until it is answered: what it says comes twice or later, and never not at all. */
const NOTICES = ['duplicate', 'forget'] as const;

/** What can befall a step of the hub between real servers. */
export const REAL_FAULTS: readonly Fault[] = [
  ...COMMANDS.map((what): Fault => ({ on: 'command', of: 'room', what })),
  ...REQUESTS.map((what): Fault => ({ on: 'call', to: MATRIX, what })),
  ...STANZAS.map((what): Fault => ({ on: 'call', to: XMPP, what })),
  ...NOTICES.map((what): Fault => ({ on: 'notice', what })),
];
