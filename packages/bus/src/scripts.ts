import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

const CLAIMING = ['accept', 'plan', 'bury', 'take', 'return-aside', 'tell'] as const;
const PLAIN = ['record', 'more', 'hold', 'renew', 'lease', 'unlease', 'sweep'] as const;
export type ScriptName = (typeof CLAIMING)[number] | (typeof PLAIN)[number];

interface Script {
  readonly text: string;
  readonly sha: string;
}

const read = (name: string): string =>
  readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8');
const script = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') });

const claimPart = read('claim.part');
const SCRIPTS = Object.fromEntries([
  ...CLAIMING.map((name) => [name, script(claimPart + read(name))]),
  ...PLAIN.map((name) => [name, script(read(name))]),
]) as Record<ScriptName, Script>;

export type Argument = string | number;

export interface ScriptRunner {
  run(name: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<unknown>;
}

/** Runs the house's scripts by their digest; sends the text once when Redis does not know it (any more). */
export class Scripts implements ScriptRunner {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async run(name: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const { sha, text } = SCRIPTS[name];
    try {
      return await this.#redis.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return this.#redis.eval(text, keys.length, ...keys, ...args);
    }
  }
}

// NOSCRIPT is an error code of the protocol, not a sentence for people: https://redis.io/commands/evalsha
const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT');
