import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { STATE } from './isolated.ts';

/** Shared by the configuration and the one who registers accounts by it. */
export const REGISTRATION_SECRET = 'brygga-test-registration';

const APPSERVICES = 'appservices';
const NO_LIMIT = { per_second: 100_000, burst_count: 100_000 };

/** Writes all files a homeserver needs into its folder; keys of an earlier start stay. */
export async function writeSynapseFiles(folder: string, serverName: string, port: number): Promise<void> {
  await mkdir(join(folder, APPSERVICES), { recursive: true });
  await mkdir(join(folder, 'media'), { recursive: true });
  const key = join(folder, 'signing.key');
  if (!existsSync(key)) await writeFile(key, `ed25519 a_test ${unpaddedBase64(randomBytes(32))}\n`);
  const appservices = (await readdir(join(folder, APPSERVICES))).sort();
  // JSON is YAML
  await writeFile(join(folder, 'log.yaml'), JSON.stringify(logging(), null, 2));
  const config = homeserver(serverName, port, appservices);
  await writeFile(join(folder, 'homeserver.yaml'), JSON.stringify(config, null, 2));
}

/** Stores a registration, over an earlier one of the same `id`; takes effect at the next start. */
export async function writeAppservice(folder: string, registrationYaml: string): Promise<void> {
  const id = /^[\s{]*"?id"?\s*:\s*["']?([^"'\s,#]+)/m.exec(registrationYaml)?.[1];
  if (id === undefined) throw new Error('the application service registration has no "id"');
  const name = createHash('sha256').update(id).digest('hex').slice(0, 16);
  await mkdir(join(folder, APPSERVICES), { recursive: true });
  await writeFile(join(folder, APPSERVICES, `${name}.yaml`), registrationYaml);
}

const unpaddedBase64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

function homeserver(serverName: string, port: number, appservices: readonly string[]): object {
  return {
    server_name: serverName,
    public_baseurl: `http://127.0.0.1:${port}/`,
    pid_file: `${STATE}/homeserver.pid`,
    log_config: `${STATE}/log.yaml`,
    signing_key_path: `${STATE}/signing.key`,
    media_store_path: `${STATE}/media`,
    max_upload_size: '100M',
    listeners: [listener(port)],
    database: { name: 'sqlite3', args: { database: `${STATE}/homeserver.db` } },
    app_service_config_files: appservices.map((name) => `${STATE}/${APPSERVICES}/${name}`),
    macaroon_secret_key: 'brygga-test-macaroon',
    form_secret: 'brygga-test-form',
    registration_shared_secret: REGISTRATION_SECRET,
    enable_registration: true,
    enable_registration_without_verification: true,
    presence: { enabled: true },
    allow_public_rooms_without_auth: true,
    user_directory: { search_all_users: true },
    report_stats: false,
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    federation_domain_whitelist: [],
    ip_range_whitelist: ['127.0.0.1/32'],
    // to-device messages and device lists for application services that ask for them
    experimental_features: { msc2409_to_device_messages_enabled: true, msc3202_transaction_extensions: true },
    ...limits(),
  };
}

const listener = (port: number): object => ({
  port,
  bind_addresses: ['127.0.0.1'],
  type: 'http',
  tls: false,
  resources: [{ names: ['client', 'media'], compress: false }],
});

/** Every rate limit out of the way; the defaults slow a test down at its second message. */
const limits = (): object => ({
  rc_message: NO_LIMIT,
  rc_registration: NO_LIMIT,
  rc_registration_token_validity: NO_LIMIT,
  rc_login: { address: NO_LIMIT, account: NO_LIMIT, failed_attempts: NO_LIMIT },
  rc_admin_redaction: NO_LIMIT,
  rc_joins: { local: NO_LIMIT, remote: NO_LIMIT },
  rc_joins_per_room: NO_LIMIT,
  rc_invites: { per_room: NO_LIMIT, per_user: NO_LIMIT, per_issuer: NO_LIMIT },
  rc_room_creation: NO_LIMIT,
  rc_presence: { per_user: NO_LIMIT },
  rc_media_create: NO_LIMIT,
  rc_third_party_invite: NO_LIMIT,
  rc_user_directory: NO_LIMIT,
  rc_delayed_event_mgmt: NO_LIMIT,
  rc_reports: NO_LIMIT,
  rc_key_requests: NO_LIMIT,
});

const logging = (): object => ({
  version: 1,
  formatters: { line: { format: '%(asctime)s %(levelname)s %(name)s %(message)s' } },
  handlers: { file: { class: 'logging.FileHandler', filename: `${STATE}/synapse.log`, formatter: 'line' } },
  root: { level: 'WARNING', handlers: ['file'] },
  disable_existing_loggers: false,
});
