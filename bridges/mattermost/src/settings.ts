import { z } from 'zod';
import { isId } from './ids.ts';

const secret = (words: string) => z.string().min(20, words).meta({ secret: true });

const hookUrlPart = z
  .string()
  .regex(/^[a-z0-9]{26}$/, 'write the last part of the webhook address: 26 letters and digits')
  .meta({ secret: true });

/** How people of other networks appear. */
const People = z.discriminatedUnion('appear', [
  z.strictObject({ appear: z.literal('nameLine').describe('The bot writes, with their name in bold.') }),
  z.strictObject({
    appear: z.literal('webhook').describe('An incoming webhook writes under their name.'),
    webhooks: z
      .record(z.string().refine(isId, "write the channel's id"), hookUrlPart)
      .describe(
        "By channel id: the last part of the address of an incoming webhook, owned by the bot's account.",
      ),
  }),
]);

/** Settings of one Mattermost network: one bot account on one server. */
export const MattermostSettings = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .describe(
      'Where the hub reaches the server: `https://chat.example.org`, with its sub-path if it has one.',
    ),
  token: secret('write the access token of the bot account').describe('Access token of the bot account.'),
  people: People.default({ appear: 'nameLine' }).describe('How people of other networks appear.'),
  ignoreUsers: z
    .array(z.string().max(64))
    .max(100)
    .default([])
    .describe('User names whose posts are not carried: other bridges and bots in the channel.'),
});
export type MattermostSettings = z.infer<typeof MattermostSettings>;

/** What is wrong with a channel as written in the settings, and the remedy. */
export const channelProblem = (channel: string): string | null =>
  isId(channel)
    ? null
    : "write the channel's id, 26 letters and digits (in Mattermost: the channel's menu, View Info, at the bottom)";
