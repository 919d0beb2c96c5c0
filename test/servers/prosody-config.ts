import { STATE } from './isolated.ts';
import { isRoot } from './machine.ts';
import type { ComponentAccount, ProsodyOptions } from './types.ts';

/** The names and numbers of one Prosody. */
export interface ProsodyLayout {
  domain: string;
  muc: string;
  components: readonly ComponentAccount[];
  c2sPort: number;
  componentPort: number;
  httpPort: number;
}

/** The names under a domain: rooms, and three external components that share one secret. */
export function layoutNames(domain: string): Pick<ProsodyLayout, 'domain' | 'muc' | 'components'> {
  const components = ['bridge', 'bridge2', 'users'].map((name) => ({
    domain: `${name}.${domain}`,
    secret: 'component-secret',
  }));
  return { domain, muc: `muc.${domain}`, components };
}

/**
 * The configuration file. All options stand in the global part, also those of a single host, so that
 * `extraLua` can override every one of them.
 */
export function prosodyConfig(layout: ProsodyLayout, options: ProsodyOptions): string {
  return [
    network(layout),
    accounts(layout, options),
    modules(options),
    archives(options),
    rooms(),
    fileShare(layout),
    hosts(layout, options),
    // back to the global part
    'Host "*"',
    options.extraLua ?? '',
    '',
  ].join('\n');
}

/** A Lua string literal. */
export const lua = (text: string): string => `"${text.replace(/[\\"\n\r\0]/g, (c) => `\\${decimal(c)}`)}"`;

const decimal = (character: string): string => String(character.charCodeAt(0)).padStart(3, '0');

const list = (texts: readonly string[]): string => `{ ${texts.map(lua).join(', ')} }`;

const network = (layout: ProsodyLayout): string => `
daemonize = false
run_as_root = ${!isRoot()} -- in a user namespace we look like root and cannot be anybody else
pidfile = "${STATE}/prosody.pid"
data_path = "${STATE}/data"
certificates = "${STATE}"
log = { { levels = { min = "info" }, to = "file", filename = "${STATE}/prosody.log" } }
network_backend = "epoll"
interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
component_interfaces = { "127.0.0.1" }
http_interfaces = { "127.0.0.1" }
c2s_ports = { ${layout.c2sPort} }
c2s_direct_tls_ports = { }
component_ports = { ${layout.componentPort} }
http_ports = { ${layout.httpPort} }
https_ports = { }
http_external_url = "http://127.0.0.1:${layout.httpPort}/"
http_default_host = ${lua(`upload.${layout.domain}`)}`;

const accounts = (layout: ProsodyLayout, options: ProsodyOptions): string => `
authentication = "internal_plain"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
${options.tls ? `ssl = { key = "${STATE}/key.pem", certificate = "${STATE}/cert.pem" }` : ''}
-- the bridge's bot may make rooms persistent and is let in everywhere; rooms it makes it owns anyway
admins = ${list([layout.components[0]?.domain ?? '', `admin@${layout.domain}`])}`;

function modules(options: ProsodyOptions): string {
  const enabled = [
    'roster',
    'saslauth',
    'disco',
    'carbons',
    'pep',
    'private',
    'blocklist',
    'vcard4',
    'vcard_legacy',
  ];
  enabled.push('bookmarks', 'ping', 'time', 'uptime', 'version', 'csi_simple');
  const disabled = ['s2s'];
  (options.tls ? enabled : disabled).push('tls');
  (options.smacks === false ? disabled : enabled).push('smacks');
  if (options.archive !== 'none') enabled.push('mam');
  return `
modules_enabled = ${list(enabled)}
modules_disabled = ${list(disabled)}
smacks_hibernation_time = 60`;
}

function archives(options: ProsodyOptions): string {
  const store = options.archive ?? 'sql';
  if (store === 'none') return 'default_storage = "internal"';
  return `
default_storage = "internal"
storage = { archive = "${store}", muc_log = "${store}" }
sql = { driver = "SQLite3", database = "${STATE}/archive.sqlite" }
sqlite_tune = "fast"
storage_archive_item_limit = 10000000
default_archive_policy = true
archive_expires_after = "1w"
muc_log_by_default = true
muc_log_expires_after = "1w"`;
}

const rooms = (): string => `
restrict_room_creation = false
muc_room_locking = false
muc_room_default_persistent = true
muc_room_default_public = true
muc_room_default_history_length = 20
max_history_messages = 1000`;

const fileShare = (layout: ProsodyLayout): string => `
http_file_share_access = ${list(layout.components.map((component) => component.domain))}
http_file_share_size_limit = 50*1024*1024
http_file_share_daily_quota = 10*1024*1024*1024
http_file_share_global_quota = 20*1024*1024*1024`;

function hosts(layout: ProsodyLayout, options: ProsodyOptions): string {
  const { domain, muc } = layout;
  const ofRooms = options.archive === 'none' ? [] : ['muc_mam', 'muc_moderation'];
  const external = layout.components.map(
    (component) => `Component ${lua(component.domain)}\n  component_secret = ${lua(component.secret)}`,
  );
  return `
VirtualHost ${lua(domain)}
  disco_items = { { ${lua(muc)}, "rooms" }, { ${lua(`upload.${domain}`)}, "upload" } }
Component ${lua(muc)} "muc"
  name = "rooms"
  modules_enabled = ${list(ofRooms)}
Component ${lua(`upload.${domain}`)} "http_file_share"
${external.join('\n')}`;
}
