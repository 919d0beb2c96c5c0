import { join } from 'node:path';
import type { Paint } from './screen.ts';
import { ROOM } from './script.ts';
import { GUEST, type Stage } from './stage.ts';

type Fact = readonly [name: string, value: string];

/** How to come in with a client of one's own, and where to look at the hub. */
export function joinPage({ house, room }: Stage, paint: Paint): string {
  const { synapse, prosody, statusUrl, config, folder } = house;
  const section = (title: string, facts: readonly Fact[]): string[] => [
    '',
    paint('bold', title),
    ...facts.map(([name, value]) => `  ${paint('dim', name.padEnd(11))} ${value}`),
  ];
  const matrix: Fact[] = [
    ['homeserver', synapse.url],
    ['account', `@${GUEST.name}:${synapse.serverName}   password ${GUEST.password}`],
    ['room', `#${ROOM.id}:${synapse.serverName}   (${room.matrix})`],
  ];
  const xmpp: Fact[] = [
    ['server', `127.0.0.1, port ${prosody.c2sPort} (STARTTLS with a certificate of its own, or plain)`],
    ['account', `${GUEST.name}@${prosody.domain}   password ${GUEST.password}`],
    ['room', room.muc],
  ];
  const hub: Fact[] = [
    ['status', `${statusUrl}/readyz   ${statusUrl}/metrics`],
    ['log', join(folder, 'hub.log')],
    ['settings', config],
    ['check', `npm run brygga -- check -c ${config} --online`],
  ];
  return [
    '',
    'Everything stays up until Ctrl-C. Join from this machine with a client of your own:',
    ...section('Matrix', matrix),
    ...section('XMPP', xmpp),
    ...section('The hub', hub),
    '',
  ].join('\n');
}
