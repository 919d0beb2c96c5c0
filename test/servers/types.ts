/** Receives one line of plain text about what is being done now; no line break at its end. */
export type Progress = (line: string) => void;

/** What every server understands. */
export interface ServerOptions {
  /** Keep the state here (made if missing). Default: a fresh folder under the system's temporary folder. */
  folder?: string;
  /** Default: silence. */
  progress?: Progress;
}

/** How to stop: default SIGTERM (SIGKILL after 15 s), the state folder stays. */
export interface StopOptions {
  signal?: 'SIGTERM' | 'SIGKILL';
  /** Remove the state folder afterwards, also one that was passed in. */
  wipe?: boolean;
}

/** A private server on loopback, started by this process and gone with it. */
export interface RunningServer {
  /** Absolute path of the state folder. */
  readonly folder: string;
  /** Process id of the server itself (no wrapper in between); throws while it is not running. */
  readonly pid: number;
  /** TCP ports on 127.0.0.1 by purpose; the same over restarts. */
  readonly ports: Record<string, number>;
  /** Ends the process and waits for its end; harmless when it has already ended. */
  stop(how?: StopOptions): Promise<void>;
  /** Starts again with the same state and ports; rejects when it still runs or does not answer in 60 s. */
  start(): Promise<void>;
  /** Freezes the process (SIGSTOP): connections stay open, nothing is answered. */
  suspend(): void;
  /** Lets a frozen process go on (SIGCONT). */
  resume(): void;
}

export interface RedisOptions extends ServerOptions {
  /** Default `everysec`. */
  appendfsync?: 'always' | 'everysec';
  /** `maxmemory-policy`; default `noeviction`. */
  policy?: string;
  /** Default true; false keeps nothing over a restart. */
  appendonly?: boolean;
  /** Settings beside these. */
  more?: Readonly<Record<string, string>>;
}

export interface RedisServer extends RunningServer {
  /** `redis://127.0.0.1:PORT` */
  readonly url: string;
}

export interface ProsodyOptions extends ServerOptions {
  /** The VirtualHost; default `localhost`. */
  domain?: string;
  /** Where message archives live; default `sql` (SQLite). `none`: no archive at all, fastest. */
  archive?: 'sql' | 'internal' | 'memory' | 'none';
  /** Offer STARTTLS with a self-signed certificate (`cert.pem` in the folder). Default false. */
  tls?: boolean;
  /** Stream management (XEP-0198) for client streams. Default true. */
  smacks?: boolean;
  /** Accounts to make: name to password. */
  users?: Record<string, string>;
  /** Lua appended to the configuration, in its global part: overrides options, may add hosts. */
  extraLua?: string;
}

/** An external component (XEP-0114) the server knows. */
export interface ComponentAccount {
  domain: string;
  secret: string;
}

export interface ProsodyServer extends RunningServer {
  readonly domain: string;
  /** The domain of the rooms. */
  readonly muc: string;
  readonly c2sPort: number;
  readonly componentPort: number;
  readonly httpPort: number;
  /** `bridge.`, `bridge2.` and `users.` under the domain, in this order. */
  readonly components: readonly ComponentAccount[];
  /** Makes or overwrites the account `name@domain`; works while the server runs. */
  addUser(name: string, password: string): Promise<void>;
  /** The server's log so far. */
  log(): Promise<string>;
}

export interface SynapseOptions extends ServerOptions {
  /** The part after the colon in user names; default `localhost`. */
  serverName?: string;
  /** Application service registrations, each the text of a YAML (or JSON) file. */
  appservices?: readonly string[];
}

export interface SynapseServer extends RunningServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly serverName: string;
  /** Makes the account, or logs in when it exists already (same password expected). */
  register(name: string, password: string, admin?: boolean): Promise<{ userId: string; accessToken: string }>;
  /** Adds the registration, or replaces the one with the same `id`, and restarts the server if it runs. */
  useAppservice(registrationYaml: string): Promise<void>;
}

/** Whether a server can be started here; `reason` says in plain words why not, and the remedy. */
export interface Availability {
  ok: boolean;
  reason?: string;
}

export type ServerName = 'redis' | 'prosody' | 'synapse';
