import { connect, createServer, type Server, type Socket } from 'node:net';
import { Frames, isPush } from './resp.ts';

/**
 * What may befall one command on its way to Redis. `refuse`: the connection breaks and Redis never sees it.
 * `lose`: it is carried out, and the connection breaks before the answer comes through. `error`: Redis answers
 * that it is full. `hang`: neither it nor anything after it is ever answered on this connection.
 */
export type RedisFault = 'refuse' | 'lose' | 'error' | 'hang';

const ANSWERS = { refuse: 'break', lose: 'lose', error: 'full' } as const;
const FULL = Buffer.from("-OOM command not allowed when used memory > 'maxmemory'.\r\n");

/** How a command is answered, when its turn comes: by Redis (`lose`: and nobody hears it), or by the gate. */
type Answer = 'pass' | 'lose' | 'break' | 'full';

/**
 * Stands between one hub process and its Redis and sees every command. One such gate belongs to one process: to
 * cut it off for good is, for everybody else, the death of the process.
 */
export class RedisGate {
  /** Asked for every command, as it is on the wire, before it is passed on. */
  meet: ((command: Buffer) => RedisFault | undefined) | null = null;
  /** Told when a command was carried out whose answer is lost, just before the connection breaks. */
  lost: (() => void) | null = null;
  /** Connections that were tried so far. */
  knocks = 0;
  readonly #server: Server;
  readonly #passages = new Set<Passage>();
  #open = true;
  #flowing = true;

  private constructor(port: number, host: string) {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.knocks += 1;
      if (!this.#open) return void socket.destroy();
      const passage = new Passage(socket, connect({ port, host, noDelay: true }), this, () =>
        this.#passages.delete(passage),
      );
      this.#passages.add(passage);
      if (!this.#flowing) passage.stall();
    });
  }

  static async to(url: string): Promise<RedisGate> {
    const { port, hostname } = new URL(url);
    const gate = new RedisGate(Number(port), hostname);
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get url(): string {
    const address = this.#server.address();
    return `redis://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  /** Every connection breaks, new ones break at once. */
  cut(): void {
    this.#open = false;
    for (const passage of [...this.#passages]) passage.end();
  }

  heal(): void {
    this.#open = true;
  }

  /** Nothing passes, and nobody is told: what is sent meanwhile arrives after `flow`. */
  stall(): void {
    this.#flowing = false;
    for (const passage of this.#passages) passage.stall();
  }

  flow(): void {
    this.#flowing = true;
    for (const passage of this.#passages) passage.flow();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

/** One connection through the gate. */
class Passage {
  readonly #client: Socket;
  readonly #redis: Socket;
  readonly #gate: Pick<RedisGate, 'meet' | 'lost'>;
  readonly #gone: () => void;
  readonly #commands = new Frames();
  readonly #replies = new Frames();
  /** Of the commands whose answers have not come; what is pushed without a command just passes. */
  readonly #answers: Answer[] = [];
  /** Nothing more is passed on. */
  #shut = false;

  constructor(client: Socket, redis: Socket, gate: Pick<RedisGate, 'meet' | 'lost'>, gone: () => void) {
    this.#client = client;
    this.#redis = redis;
    this.#gate = gate;
    this.#gone = gone;
    client.on('data', (chunk: Buffer) => this.#asked(chunk));
    redis.on('data', (chunk: Buffer) => this.#answered(chunk));
    for (const one of [client, redis]) one.on('error', () => undefined).once('close', () => this.end());
  }

  end(): void {
    this.#shut = true;
    this.#client.destroy();
    this.#redis.destroy();
    this.#gone();
  }

  stall(): void {
    this.#client.pause();
    this.#redis.pause();
  }

  flow(): void {
    this.#client.resume();
    this.#redis.resume();
  }

  #asked(chunk: Buffer): void {
    for (const command of this.#commands.push(chunk)) {
      if (this.#shut) return;
      this.#pass(command, this.#gate.meet?.(command));
    }
  }

  #pass(command: Buffer, fault: RedisFault | undefined): void {
    if (this.#shut) return; // whoever was asked may have cut the gate
    this.#shut = fault === 'refuse' || fault === 'lose' || fault === 'hang';
    if (fault === undefined || fault === 'lose') this.#redis.write(command);
    if (fault !== 'hang') this.#answers.push(fault === undefined ? 'pass' : ANSWERS[fault]);
    this.#answerOwn();
  }

  #answered(chunk: Buffer): void {
    for (const reply of this.#replies.push(chunk)) {
      if (isPush(reply)) {
        this.#client.write(reply);
        continue;
      }
      if (this.#answers.shift() === 'lose') {
        this.#gate.lost?.();
        this.end();
        return;
      }
      this.#client.write(reply);
      this.#answerOwn();
    }
  }

  /** The gate's own answers wait until Redis has given those before them. */
  #answerOwn(): void {
    for (let next = this.#answers[0]; next === 'break' || next === 'full'; next = this.#answers[0]) {
      this.#answers.shift();
      if (next === 'break') this.end();
      else this.#client.write(FULL);
    }
  }
}
