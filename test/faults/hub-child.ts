/** `brygga` with the bridge to tincan networks alone, which are in the process that has started this one. */
import { runProcess } from '@brygga/cli';
import { tincanKind } from '@brygga/tincan';
import type { Said } from './string.ts';
import { FarWorld } from './string-near.ts';

const world = new FarWorld((asked) => void process.send?.(asked, undefined, undefined, () => undefined));
process.on('message', (said) => world.hear(said as Said));
process.once('disconnect', () => process.exit(1));
await runProcess([{ kind: tincanKind(world), settings: {}, channel: 'kitchen' }]);
