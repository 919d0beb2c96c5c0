import type { SampleBridge } from '@brygga/hub';
import { matrix } from '@brygga/matrix';
import { mattermost } from '@brygga/mattermost';
import { xmpp } from '@brygga/xmpp';

/** The bridges of this house, each with an example for the sample settings. */
export const BRIDGES: readonly SampleBridge[] = [
  {
    kind: matrix,
    settings: {
      homeserverUrl: 'http://127.0.0.1:8008',
      serverName: 'skatteverket.example',
      listen: { port: 9993 },
    },
    channel: '!situation:skatteverket.example',
  },
  {
    kind: xmpp,
    settings: { mode: 'component', domain: 'brygga.msb.example' },
    channel: 'situation@conference.msb.example',
  },
  {
    kind: mattermost,
    settings: { url: 'https://chat.fk.example' },
    channel: 'w1ykt8xmapbhmb6u9cqk8k4ioy',
  },
];
