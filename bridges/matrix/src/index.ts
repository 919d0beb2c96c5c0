import type { BridgeKind } from '@brygga/contract';
import { MatrixBridge } from './bridge.ts';
import { isRoomId } from './ids.ts';
import { manifest } from './manifest.ts';
import { registrationFile } from './registration.ts';
import { MatrixSettings } from './settings.ts';

export { MatrixSettings, manifest };

/** Matrix, as an application service of one homeserver. */
export const matrix: BridgeKind<MatrixSettings> = {
  manifest,
  settings: MatrixSettings,
  channelProblem: (channel) =>
    isRoomId(channel)
      ? null
      : 'write the internal room id, which begins with `!` (in Element: room settings, Advanced), not an alias',
  channelAddress: (channel) => channel,
  create: (network, settings) => new MatrixBridge(network, settings),
  registration: registrationFile,
};
