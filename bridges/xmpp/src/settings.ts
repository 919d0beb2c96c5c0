import { domainToASCII } from 'node:url';
import { z } from 'zod';

const host = z.string().min(1).max(255);
const port = z.int().min(1).max(65_535);
const domain = z
  .string()
  .max(1023)
  .regex(/^[a-z0-9][a-z0-9.-]*$/, 'write the domain in lower case, without user or port')
  .describe('XMPP domain');

const common = {
  conference: domain
    .optional()
    .describe('MUC service, for instance conference.example.org; when given, every channel must be on it'),
  nick: z
    .string()
    .min(1)
    .max(40)
    .default('Brygga')
    .describe('Nick under which the hub itself sits in the rooms'),
  editAgeHours: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('Edits of older messages arrive as a new message; null: corrections of any age'),
  roomPassword: z
    .string()
    .max(256)
    .optional()
    .describe('Password of the rooms that have one')
    .meta({ secret: true }),
};

const component = z.strictObject({
  mode: z.literal('component').describe('External component (XEP-0114): a ghost for every remote person'),
  host: host.default('127.0.0.1').describe("Address of the server's component port"),
  port: port.default(5347).describe('Component port'),
  domain: domain.describe('Domain of the component, as the server knows it'),
  secret: z
    .string()
    .min(16, 'use at least 16 characters: the secret is all that protects the domain')
    .max(256)
    .regex(/^[\x21-\x7e]+$/, 'use ASCII letters, digits and signs, without spaces')
    .describe('Secret of the component')
    .meta({ secret: true }),
  bot: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
    .default('brygga')
    .describe("Localpart of the hub's own address in the component's domain"),
  nickSuffix: z
    .string()
    .max(16)
    .default('')
    .describe('Written after the nick of every ghost, for instance " [b]"'),
  ghostsPerChannel: z
    .int()
    .min(1)
    .max(500)
    .default(40)
    .describe('Ghosts in one room at a time; above it the one silent for longest leaves (each costs a copy)'),
  ...common,
});

const account = z.strictObject({
  mode: z.literal('account').describe('Ordinary account: one nick speaks for everybody'),
  host: host.optional().describe('Address of the server, when it is not the domain itself'),
  port: port.default(5222).describe('Client port'),
  tls: z
    .enum(['starttls', 'direct', 'none'])
    .default('starttls')
    .describe('none: only for a server on this very machine'),
  domain: domain.describe('Domain of the account'),
  username: z.string().min(1).max(1023).describe('Localpart of the account'),
  password: z.string().min(1).max(1024).describe('Password of the account').meta({ secret: true }),
  resource: z.string().min(1).max(64).default('brygga').describe('Resource of the session'),
  ...common,
});

/** Settings of a network that speaks XMPP. */
export const XmppSettings = z.discriminatedUnion('mode', [component, account]);
export type XmppSettings = z.infer<typeof XmppSettings>;
export type ComponentSettings = z.infer<typeof component>;
export type AccountSettings = z.infer<typeof account>;

/** What is wrong with a channel as written in the settings, and the remedy; null when nothing is. */
export function channelProblem(channel: string, settings: XmppSettings): string | null {
  const parts = /^([^@/\s]+)@([^@/\s]+)$/.exec(channel);
  if (parts === null) return 'write the address of the room: room@conference.example.org';
  if (channel !== channel.toLowerCase()) return 'write the address of the room in lower case';
  if (settings.conference !== undefined && parts[2] !== settings.conference) {
    return `the room is not on ${settings.conference}: correct the room or leave out "conference"`;
  }
  return null;
}

/** The address of a room as servers compare it (RFC 7622 §3): a domain may be written in letters or in their code. */
export function channelAddress(channel: string): string | null {
  const [local = '', domain = ''] = channel.split('@');
  const ascii = domainToASCII(domain.replace(/\.$/, ''));
  return ascii === '' ? null : `${local.normalize('NFKC').toLowerCase()}@${ascii}`;
}
