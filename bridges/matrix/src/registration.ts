import type { NetworkId } from '@brygga/event';
import { AppServiceRegistration } from 'matrix-appservice-bridge';
import { stringify } from 'yaml';
import { mxid } from './ids.ts';
import type { MatrixSettings } from './settings.ts';

/** Id of the registration, also of the ping. Synapse refuses `|`; network ids have none. */
export const registrationId = (network: NetworkId): string => `brygga-${network}`;

/**
 * Synapse matches from the start but not to the end (`re.match`), so the end is anchored here; `=`, `.` and the
 * like of the server name are taken literally.
 */
function namespace(prefix: string, serverName: string): string {
  return `${escaped(prefix)}.*:${escaped(serverName)}$`;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const hubUrl = (settings: MatrixSettings): string => {
  const { host, port } = settings.listen;
  return settings.url ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
};

/** The registration as the library wants it. */
export function libraryRegistration(network: NetworkId, settings: MatrixSettings): AppServiceRegistration {
  const registration = new AppServiceRegistration(hubUrl(settings));
  registration.setId(registrationId(network));
  registration.setAppServiceToken(settings.asToken);
  registration.setHomeserverToken(settings.hsToken);
  registration.setSenderLocalpart(settings.senderLocalpart);
  registration.setRateLimited(false);
  registration.addRegexPattern('users', namespace(`@${settings.ghostPrefix}`, settings.serverName), true);
  registration.addRegexPattern('aliases', namespace(`#${settings.ghostPrefix}`, settings.serverName), true);
  return registration;
}

/** A token no one drew by lot: one character, or a word of the sample. */
const isPlaceholder = (token: string): boolean =>
  new Set(token).size < 8 || /change|token|secret|example/i.test(token);

/**
 * The registration file for the homeserver's administrator
 * (https://spec.matrix.org/v1.19/application-service-api/#registration).
 */
export function registrationFile(network: NetworkId, settings: MatrixSettings): string {
  const output = libraryRegistration(network, settings).getOutput();
  const file = { ...output, namespaces: { rooms: [], ...output.namespaces }, receive_ephemeral: true };
  const lines = [
    `Registration of the Brygga network "${network}" on ${settings.serverName}.`,
    `Bot: ${mxid(settings.botLocalpart, settings.serverName)}`,
    'Holds secrets: readable by the homeserver only. The homeserver reads it at its start.',
    ...([settings.asToken, settings.hsToken].some(isPlaceholder)
      ? ['REPLACE asToken and hsToken in the settings by random ones: openssl rand -hex 32']
      : []),
  ];
  return `${lines.map((line) => `# ${line}\n`).join('')}${stringify(file)}`;
}
