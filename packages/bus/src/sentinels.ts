import { type SentinelConnectionOptions, SentinelConnector } from 'ioredis';

type Connect = SentinelConnector['connect'];

/**
 * Asks the sentinels for the master before each connection. Those that watch for a fail-over on behalf of a connection
 * are let go before there is another: in ioredis 6.0 their word, coming while the sentinels are asked anew, ends the
 * client for good (`Redis._connect` sets `end` where the connector rejects), and a master that is killed makes the two
 * meet now and then. Needed until the library does so itself.
 */
export class SteadySentinels extends SentinelConnector {
  /** `options`: all of the client's, as the client hands them over. */
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
  }

  override connect(...[emit]: Parameters<Connect>): ReturnType<Connect> {
    // Private there, and nothing else lets go of them without an end of this connector.
    const watching: unknown = Reflect.get(this, 'failoverDetector');
    if (isWatch(watching)) watching.cleanup();
    return super.connect(emit);
  }
}

const isWatch = (value: unknown): value is { cleanup(): void } =>
  typeof value === 'object' && value !== null && 'cleanup' in value && typeof value.cleanup === 'function';
