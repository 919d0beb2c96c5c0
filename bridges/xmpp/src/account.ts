import type { Clock } from '@brygga/contract';
import { client } from '@xmpp/client';
import type { Dial } from './connection.ts';
import { type Library, openLine } from './line.ts';
import { type Mechanism, Plain, Scram } from './scram.ts';
import type { AccountSettings } from './settings.ts';
import type { Element } from './stanza.ts';

const SM = 'urn:xmpp:sm:3';
const SM_WAIT_MS = 5000;

/** Connects as an ordinary account (RFC 6120). Stream management only watches the line: nothing is resumed. */
export function dialAccount(settings: AccountSettings, clock: Clock, newNonce: () => string): Dial {
  return (events, signal) => {
    const host = settings.host ?? settings.domain;
    const scheme = settings.tls === 'direct' ? 'xmpps' : 'xmpp';
    const entity = client({
      service: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${settings.port}`,
      domain: settings.domain,
      username: settings.username,
      password: settings.password,
      resource: settings.resource,
    });
    useMechanisms(entity, newNonce);
    const acknowledged = streamManagement(entity, clock);
    return openLine(entity, events, clock, signal, async () => {
      if (settings.tls !== 'none' && !entity.isSecure()) throw new NotSecure();
      await acknowledged();
      return entity.jid?.toString() ?? '';
    });
  };
}

/** The server offered no TLS, and the settings demand it. */
class NotSecure extends Error {
  override readonly name = 'NotSecure';
  readonly condition = 'policy-violation';
}

/**
 * The library is online before the server has confirmed stream management, and then begins to count anew: what
 * came in between is acknowledged wrongly, and Prosody ends the stream. Resolves when that is over.
 */
function streamManagement(entity: Library & { streamManagement: { enabled: boolean } }, clock: Clock) {
  let offered = false;
  const confirmed = Promise.withResolvers<void>();
  const on = (event: string, run: (value: Element) => void): void => void entity.on(event, run);
  on('nonza', (element) => {
    if (element.name === 'stream:features') offered = element.getChild('sm', SM) !== undefined;
    if (element.is('enabled', SM) || element.is('failed', SM)) clock.after(0, confirmed.resolve);
  });
  return async (): Promise<void> => {
    if (!offered || entity.streamManagement.enabled) return;
    const over = new AbortController();
    await Promise.race([confirmed.promise, clock.sleep(SM_WAIT_MS, over.signal)]);
    over.abort();
  };
}

interface Mechanisms {
  readonly saslFactory: { readonly _mechs: { name: string; mech: new () => Mechanism }[] };
}

/** Ours in place of the library's, best first. */
function useMechanisms(entity: object, newNonce: () => string): void {
  const { _mechs } = (entity as Mechanisms).saslFactory;
  const scram = (hash: 'sha1' | 'sha256') =>
    class extends Scram {
      constructor() {
        super(hash, newNonce());
      }
    };
  const mechs = [
    { name: 'SCRAM-SHA-256', mech: scram('sha256') },
    { name: 'SCRAM-SHA-1', mech: scram('sha1') },
    { name: 'PLAIN', mech: Plain },
  ];
  _mechs.splice(0, _mechs.length, ...mechs);
}
