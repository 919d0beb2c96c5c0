import type { Clock } from '@brygga/contract';
import { component } from '@xmpp/component';
import { answerQueries } from './callee.ts';
import type { Dial } from './connection.ts';
import { openLine } from './line.ts';
import type { ComponentSettings } from './settings.ts';

/** Every JID of ours has this resource: a random one would multiply sessions (XEP-0045 §17.4). */
export const RESOURCE = 'brygga';

/** The hub's own JID in component mode. */
export const botJid = (settings: ComponentSettings): string =>
  `${settings.bot}@${settings.domain}/${RESOURCE}`;

const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Connects as an external component (XEP-0114). */
export function dialComponent(settings: ComponentSettings, clock: Clock): Dial {
  return (events, signal) => {
    const entity = component({
      service: `xmpp://${inUrl(settings.host)}:${settings.port}`,
      domain: settings.domain,
      password: settings.secret,
    });
    answerQueries(entity.iqCallee);
    return openLine(entity, events, clock, signal, () => Promise.resolve(botJid(settings)));
  };
}
