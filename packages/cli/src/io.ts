import type { Clock, Finding, Log } from '@brygga/contract';
import type {
  Environment,
  Hub,
  HubOptions,
  OperatorsDesk,
  ReadFile,
  RedisPlace,
  SampleBridge,
  Settings,
} from '@brygga/hub';

/** What the commands use of the hub. */
export interface HubDoor {
  startHub(options: HubOptions): Promise<Pick<Hub, 'url' | 'stop'>>;
  checkRedis(redis: RedisPlace): Promise<readonly Finding[]>;
  checkOtherHubs(settings: Settings, clock: Clock): Promise<readonly Finding[]>;
  openDesk(settings: Settings): OperatorsDesk;
  createLog(level: Settings['hub']['log']['level']): Log;
}

/** Everything outside the commands, passed in so that tests hold it. */
export interface Io {
  readonly bridges: readonly SampleBridge[];
  readonly hub: HubDoor;
  readonly env: Environment;
  readonly clock: Clock;
  readonly readFile: ReadFile;
  /** Writes a file that only its owner can read. */
  writePrivate(path: string, text: string): void;
  out(text: string): void;
  err(text: string): void;
  /** A person watches standard output, standard error. */
  readonly watched: { readonly out: boolean; readonly err: boolean };
  /** Asks the person at the terminal; '' when they gave no answer. Null: there is nobody to ask. */
  readonly ask: ((question: string) => Promise<string>) | null;
  /** Calls on each request to stop; the returned function ends that. */
  onStop(listener: () => void): () => void;
  /** Ends the process at once. */
  exitNow(code: number): void;
}
