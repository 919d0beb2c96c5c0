import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { isolated, STATE } from './isolated.ts';
import { prepare } from './prepare-servers.ts';
import { accepts } from './probes.ts';
import type { ProsodyLayout } from './prosody-config.ts';
import { layoutNames, lua, prosodyConfig } from './prosody-config.ts';
import { rootFolder } from './recipes.ts';
import { runStep } from './run-step.ts';
import { ServerProcess } from './server-process.ts';
import { handOver, stateFolder } from './state-folder.ts';
import type { ProsodyOptions, ProsodyServer } from './types.ts';

/** Starts an XMPP server: accounts, rooms with archive and moderation, three components, file share. */
export async function startProsody(options: ProsodyOptions = {}): Promise<ProsodyServer> {
  const progress = options.progress ?? (() => {});
  await prepare(['prosody'], progress);
  const folder = await stateFolder('prosody', options.folder);
  const [c2sPort, componentPort, httpPort] = [await freePort(), await freePort(), await freePort()];
  const layout = { ...layoutNames(options.domain ?? 'localhost'), c2sPort, componentPort, httpPort };
  await writeProsodyFiles(folder, layout, options);

  const program = ['/usr/bin/lua5.4', '/usr/bin/prosody', '-F', '--config', `${STATE}/prosody.cfg.lua`];
  const server = new ServerProcess({
    name: 'prosody',
    folder,
    ports: { c2s: c2sPort, component: componentPort, http: httpPort },
    command: isolated({ root: rootFolder('prosody'), state: folder, program }),
    ready: async () =>
      (await accepts(c2sPort)) && (await accepts(componentPort)) && (await accepts(httpPort)),
    logs: ['prosody.log'],
    progress,
  });
  await server.start();
  return Object.assign(server, {
    ...layout,
    addUser: (name: string, password: string) => writeAccount(folder, layout.domain, name, password),
    log: () => readFile(join(folder, 'prosody.log'), 'utf8'),
  });
}

async function writeProsodyFiles(
  folder: string,
  layout: ProsodyLayout,
  options: ProsodyOptions,
): Promise<void> {
  for (const [name, password] of Object.entries(options.users ?? {})) {
    await writeAccount(folder, layout.domain, name, password);
  }
  if (options.tls) await makeCertificate(folder, layout);
  await writeFile(join(folder, 'prosody.cfg.lua'), prosodyConfig(layout, options));
}

/** Prosody's file storage is read at every login, so an account written beside it is an account. */
async function writeAccount(folder: string, domain: string, name: string, password: string): Promise<void> {
  const accounts = join(folder, 'data', encodeName(domain), 'accounts');
  await mkdir(accounts, { recursive: true });
  await writeFile(join(accounts, `${encodeName(name)}.dat`), `return { ["password"] = ${lua(password)} };\n`);
  await handOver(join(folder, 'data'));
}

/** As util.datamanager does it: every byte that is no letter or digit becomes %xx. */
const encodeName = (name: string): string =>
  Array.from(Buffer.from(name), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }).join('');

async function makeCertificate(folder: string, layout: ProsodyLayout): Promise<void> {
  if (existsSync(join(folder, 'cert.pem'))) return;
  await handOver(folder);
  const names = [layout.domain, layout.muc, 'localhost'].map((name) => `DNS:${name}`);
  const program = [
    ...[
      '/usr/bin/openssl',
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
    ],
    ...['-days', '3650', '-subj', `/CN=${layout.domain}`],
    ...['-addext', `subjectAltName=${names.join(',')},IP:127.0.0.1`],
    ...['-keyout', `${STATE}/key.pem`, '-out', `${STATE}/cert.pem`],
  ];
  const command = isolated({ root: rootFolder('prosody'), state: folder, program });
  await runStep({ label: 'certificate', ...command, log: join(folder, 'output.log') }, () => {});
}
