import type { CheckContext, Finding } from '@brygga/contract';
import { bareJid, domainOf } from './ids.ts';
import { type Joined, Probe } from './probe.ts';
import { askRoom, type RoomInfo } from './room-info.ts';
import type { XmppSettings } from './settings.ts';

const ok = (what: string): Finding => ({ level: 'ok', what });
const warn = (what: string, remedy: string): Finding => ({ level: 'warn', what, remedy });
const fail = (what: string, remedy: string): Finding => ({ level: 'fail', what, remedy });

/** Looks whether the bridge can do its work with these settings, and says what an administrator can do about it. */
export async function check(ctx: CheckContext<XmppSettings>): Promise<readonly Finding[]> {
  const probe = new Probe(ctx);
  const dialled = await probe.open();
  if (dialled.line === null) return [connection(ctx.settings, dialled.condition)];
  try {
    const findings = [ok(`connected as ${dialled.line.jid}`)];
    for (const channel of ctx.channels) {
      if (ctx.signal.aborted) break;
      findings.push(...(await room(probe, channel, ctx.settings)));
    }
    return findings;
  } finally {
    await probe.close();
  }
}

const where = (settings: XmppSettings): string => `${settings.host ?? settings.domain}:${settings.port}`;

/** Why there was no stream. */
function connection(settings: XmppSettings, condition: string): Finding {
  const { domain } = settings;
  if (settings.mode === 'account') return accountConnection(settings, condition);
  switch (condition) {
    case 'conflict':
      return ok(
        `the secret is right; another instance is connected as ${domain} at present, so no more can be seen`,
      );
    case 'not-authorized':
      return fail(
        `the server refuses the secret for ${domain}`,
        `write the same secret in the settings and at the server: Prosody: component_secret under Component "${domain}"; ejabberd: password under hosts of the ejabberd_service listener`,
      );
    case 'host-unknown':
      return fail(
        `the server does not know the component ${domain}`,
        `Prosody: add Component "${domain}" with a component_secret; ejabberd: add ${domain} to hosts of an ejabberd_service listener of its own`,
      );
    default:
      return fail(
        `no connection to ${where(settings)} (${condition})`,
        'see that the server runs and listens there: Prosody: component_ports and component_interfaces; ejabberd: port and ip of the ejabberd_service listener',
      );
  }
}

function accountConnection(settings: XmppSettings, condition: string): Finding {
  if (condition === 'not-authorized') {
    return fail(
      `the server refuses the password of the account on ${settings.domain}`,
      'correct username and password',
    );
  }
  if (condition === 'certificate') {
    return fail(
      'the certificate of the server is not trusted here',
      'have the server show one that is, or name its authority in NODE_EXTRA_CA_CERTS',
    );
  }
  if (condition === 'policy-violation') {
    return fail('the server offers no TLS', 'have it offer STARTTLS, or set tls to "direct"');
  }
  return fail(
    `no connection to ${where(settings)} (${condition})`,
    'see that the server runs and host and port are right',
  );
}

async function room(probe: Probe, channel: string, settings: XmppSettings): Promise<Finding[]> {
  const asked = await askRoom(probe.iqs, channel, probe.jid);
  if (asked.kind === 'lost') {
    return [
      fail(
        `${channel}: no answer`,
        `see that ${domainOf(channel)} runs on this server or is reachable from it`,
      ),
    ];
  }
  if (asked.kind === 'error') return [noRoom(channel, asked.condition)];
  const findings = features(channel, asked.info, settings);
  if (findings.some((finding) => finding.level === 'fail')) return findings;
  return [...findings, ...standing(channel, asked.info, await probe.visit(channel), bareJid(probe.jid))];
}

function noRoom(channel: string, condition: string): Finding {
  if (condition === 'item-not-found') {
    return warn(
      `${channel}: the room does not exist`,
      'make it, with the settings it is to have; else it comes into being with the default settings when the bridge enters',
    );
  }
  return fail(
    `${channel}: cannot be asked (${condition})`,
    `see that ${domainOf(channel)} is the right conference service and is reachable from this server`,
  );
}

/** What the room can do. */
function features(channel: string, info: RoomInfo, settings: XmppSettings): Finding[] {
  const findings: Finding[] = [];
  const demand = (has: boolean, what: string, remedy: string): void => {
    findings.push(has ? ok(`${channel}: ${what}`) : warn(`${channel}: no ${what}`, remedy));
  };
  demand(
    info.archive,
    'message archive (XEP-0313): without one, what is said while the hub is away is lost, and a message may come twice after a crash',
    'Prosody: add "muc_mam" to modules_enabled of the conference component and set muc_log_by_default = true; ejabberd: enable mod_mam and set the room option mam',
  );
  demand(
    info.stanzaIds,
    'message ids of the room (XEP-0359): without them replies, reactions and removals do not cross',
    'they come with the message archive',
  );
  demand(
    info.occupantIds,
    'occupant ids (XEP-0421): without them a person is known by nick only',
    'Prosody 0.12 or newer has them; ejabberd: enable mod_muc_occupantid',
  );
  demand(
    info.moderation,
    'moderation (XEP-0425): without it removals of messages written here are only told in words',
    'Prosody: add "muc_moderation" (prosody-modules) to modules_enabled of the conference component; ejabberd: 24.06 or newer',
  );
  demand(
    info.persistent,
    'persistence: the room vanishes when the last one leaves',
    'make the room persistent in its settings; Prosody: muc_room_default_persistent = true',
  );
  if (info.password && settings.roomPassword === undefined) {
    findings.push(
      fail(`${channel}: has a password`, 'set roomPassword in the settings, or take the password away'),
    );
  }
  return findings;
}

const JOIN_REMEDY: Readonly<Record<string, string>> = {
  forbidden: 'the bot is banned there: have an owner of the room lift the ban',
  'registration-required': 'the room is for members only: give the bot the affiliation admin',
  'not-authorized': 'the password is wrong: correct roomPassword in the settings',
  conflict: 'somebody has the bot\'s nick: choose another "nick" in the settings',
  'service-unavailable': 'the room is full: raise its limit (ejabberd: max_users)',
};

/** What the bot may do there. */
function standing(channel: string, info: RoomInfo, joined: Joined, bot: string): Finding[] {
  if (joined.kind === 'silent')
    return [fail(`${channel}: no answer to entering it`, 'see the log of the server')];
  if (joined.kind === 'error') {
    const remedy = JOIN_REMEDY[joined.condition] ?? 'see the settings of the room and the log of the server';
    return [fail(`${channel}: the bot cannot enter (${joined.condition})`, remedy)];
  }
  const admin = ['admin', 'owner'].includes(joined.affiliation);
  const findings = [ok(`${channel}: the bot enters as ${joined.role}, ${joined.affiliation}`)];
  const remedy = `have an owner of the room give ${bot} the affiliation admin`;
  if (joined.role === 'visitor') findings.push(fail(`${channel}: the bot may not speak`, remedy));
  if ((info.moderated && !admin && joined.role !== 'moderator') || (info.membersOnly && !admin)) {
    findings.push(fail(`${channel}: ghosts need the right to speak, which the bot cannot give`, remedy));
  }
  if (joined.role !== 'moderator') {
    findings.push(
      warn(`${channel}: the bot is no moderator: it cannot remove messages or change the subject`, remedy),
    );
  }
  return findings;
}
