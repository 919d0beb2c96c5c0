import type { BridgeKind } from '@brygga/contract';
import { MattermostBridge } from './bridge.ts';
import { manifest } from './manifest.ts';
import { channelProblem, MattermostSettings } from './settings.ts';

export { MattermostSettings, manifest };

/** Mattermost, as one bot account; people's names in the text, or above it by webhooks. */
export const mattermost: BridgeKind<MattermostSettings> = {
  manifest,
  settings: MattermostSettings,
  channelProblem,
  channelAddress: (channel) => channel,
  create: (network, settings) => new MattermostBridge(network, settings),
};
