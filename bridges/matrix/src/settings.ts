import { z } from 'zod';

const token = z
  .string()
  .min(32, 'use at least 32 random characters: `openssl rand -hex 32`')
  .meta({ secret: true });

const localpart = z.string().regex(/^[a-z0-9._=/+-]{1,64}$/, 'use 1 to 64 of a-z 0-9 . _ = / + -');

const regex = z.string().max(500).refine(isRegex, 'this is not a regular expression');

function isRegex(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** Settings of one Matrix network: one application service on one homeserver. */
export const MatrixSettings = z
  .strictObject({
    homeserverUrl: z
      .url({ protocol: /^https?$/ })
      .describe('Where the hub reaches the homeserver: `http://127.0.0.1:8008`.'),
    serverName: z
      .string()
      .regex(/^[A-Za-z0-9.:[\]-]{1,120}$/, "write the homeserver's name as in user ids: example.org")
      .describe("The homeserver's name as it stands in user ids, behind the colon."),
    asToken: token.describe('`as_token` of the registration: what the hub shows the homeserver.'),
    hsToken: token.describe('`hs_token` of the registration: what the homeserver shows the hub.'),
    ghostPrefix: z
      .string()
      .regex(/^_[a-z0-9.-]{1,24}_$/, 'write _name_ with a-z 0-9 . - between')
      .default('_brygga_')
      .describe(
        'First part of the user names of ghosts. One per network on the same homeserver. Never change it.',
      ),
    botLocalpart: localpart
      .default('_brygga_bot')
      .describe("User name of the hub's own voice. Begins with ghostPrefix, no further underscore."),
    senderLocalpart: localpart
      .default('_brygga_sender')
      .describe('User name the registration demands; never speaks. Begins with ghostPrefix.'),
    listen: z
      .strictObject({
        host: z.string().default('127.0.0.1').describe('Address the hub listens on for the homeserver.'),
        port: z.int().min(1).max(65_535).describe('Port the hub listens on for the homeserver.'),
      })
      .describe('Where the homeserver hands over events.'),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('How the homeserver reaches the hub; http://<listen.host>:<listen.port> when left out.'),
    catchUpSeconds: z
      .number()
      .min(30)
      .max(24 * 3600)
      .default(3600)
      .describe('How often every channel is compared with the homeserver, beside after each interruption.'),
    ignoreSenders: z
      .array(regex)
      .max(50)
      .default([])
      .describe('Regular expressions of user ids not to be carried: other bridges and bots in the room.'),
  })
  .superRefine((settings, context) => {
    for (const path of ['botLocalpart', 'senderLocalpart'] as const) {
      const problem = localpartProblem(settings[path], settings.ghostPrefix);
      if (problem !== null) context.addIssue({ code: 'custom', path: [path], message: problem });
    }
    if (settings.botLocalpart === settings.senderLocalpart) {
      const message = 'botLocalpart and senderLocalpart must differ';
      context.addIssue({ code: 'custom', path: ['senderLocalpart'], message });
    }
  });
export type MatrixSettings = z.infer<typeof MatrixSettings>;

/** Ghosts have an underscore behind the network: without one the name can never be a ghost's. */
function localpartProblem(localpart: string, prefix: string): string | null {
  const rest = localpart.startsWith(prefix) ? localpart.slice(prefix.length) : '';
  if (/^[a-z0-9.-]+$/.test(rest)) return null;
  return `begin with ghostPrefix and go on with a-z 0-9 . - only: ${prefix}bot`;
}
