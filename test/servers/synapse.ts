import { freePort } from './free-port.ts';
import { isolated, STATE } from './isolated.ts';
import { prepare } from './prepare-servers.ts';
import { httpJson } from './probes.ts';
import { rootFolder } from './recipes.ts';
import { ServerProcess } from './server-process.ts';
import { stateFolder } from './state-folder.ts';
import { registerAccount } from './synapse-accounts.ts';
import { writeAppservice, writeSynapseFiles } from './synapse-config.ts';
import type { SynapseOptions, SynapseServer } from './types.ts';

/** Starts a Matrix homeserver on SQLite: no federation, no rate limits, presence and password login on. */
export async function startSynapse(options: SynapseOptions = {}): Promise<SynapseServer> {
  const progress = options.progress ?? (() => {});
  const serverName = options.serverName ?? 'localhost';
  await prepare(['synapse'], progress);
  const folder = await stateFolder('synapse', options.folder);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const writeConfig = (): Promise<void> => writeSynapseFiles(folder, serverName, port);
  for (const registration of options.appservices ?? []) await writeAppservice(folder, registration);
  await writeConfig();

  const program = ['/usr/bin/python3', '-m', 'synapse.app.homeserver', '-c', `${STATE}/homeserver.yaml`];
  const server = new ServerProcess({
    name: 'synapse',
    folder,
    ports: { http: port },
    command: isolated({ root: rootFolder('synapse'), state: folder, program }),
    ready: () => answersVersions(url),
    logs: ['synapse.log'],
    progress,
  });
  await server.start();
  return Object.assign(server, {
    url,
    serverName,
    register: (name: string, password: string, admin = false) => registerAccount(url, name, password, admin),
    useAppservice: async (registrationYaml: string) => {
      await writeAppservice(folder, registrationYaml);
      await writeConfig();
      // registrations are read at the start only
      if (!server.running) return;
      await server.stop();
      await server.start();
    },
  });
}

const answersVersions = (url: string): Promise<boolean> =>
  httpJson('GET', `${url}/_matrix/client/versions`).then(
    (answer) => answer.status === 200,
    () => false,
  );
