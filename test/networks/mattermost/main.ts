import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { setUp } from './bootstrap.ts';
import { startMattermost } from './index.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '8065' }, version: { type: 'string', default: '11.7' } },
});
const VERSIONS = ['11.6', '11.7', '11.8', '11.10', '12.0'] as const;
const version = VERSIONS.find((one) => one === values.version);
if (version === undefined) throw new Error(`--version is one of ${VERSIONS.join(', ')}`);

const server = await startMattermost({ port: Number(values.port), version });
const { admin, bot, team, channel } = await setUp(server.url);
console.log(`A simulated Mattermost ${version} at ${server.url}
  administrator  admin, token ${admin.rest.token}
  bot            ${bot.username} (${bot.id}), token ${bot.rest.token}
  team           ${String(team.name)} (${team.id})
  channel        ${String(channel.name)} (${channel.id})`);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await server.stop();
