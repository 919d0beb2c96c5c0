import type { BridgeKind } from '@brygga/contract';
import { XmppBridge } from './bridge.ts';
import { manifest } from './manifest.ts';
import { channelAddress, channelProblem, XmppSettings } from './settings.ts';

export { accountManifest } from './manifest.ts';
export { XmppSettings } from './settings.ts';

/** XMPP: rooms of multi-user chat, as an external component with ghosts, or through one account. */
export const xmpp: BridgeKind<XmppSettings> = {
  manifest,
  settings: XmppSettings,
  channelProblem,
  channelAddress,
  create: (network, settings) => new XmppBridge(network, settings),
};
