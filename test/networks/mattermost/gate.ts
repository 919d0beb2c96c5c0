import type { IncomingMessage, ServerResponse } from 'node:http';
import { keep } from './bounded.ts';
import { carryOut, type Outcome } from './carry-out.ts';
import { type Exchange, headersOf, readable } from './exchange.ts';
import type { Fault } from './faults.ts';
import type { RateLimiter, Verdict } from './rate-limit.ts';
import type { World } from './world.ts';

const MOST_EXCHANGES = 20_000;

const page = (status: number): Outcome => ({
  status,
  type: 'text/html',
  content: `<html>\r\n<head><title>${status} Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n`,
  headers: {},
});
const limited = (headers: Outcome['headers']): Outcome => ({
  status: 429,
  type: 'text/plain; charset=utf-8',
  content: 'limit exceeded\n',
  headers,
});

/** Every request passes here: what is to go wrong goes wrong here, and all is written down. */
export class Gate {
  readonly exchanges: Exchange[] = [];
  readonly #world: World;
  readonly #limiter: RateLimiter;

  constructor(world: World, limiter: RateLimiter) {
    this.#world = world;
    this.#limiter = limiter;
  }

  async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.#world.url);
    const method = request.method ?? 'GET';
    const fault = this.#world.faults.meet(method, url.pathname);
    if (fault?.kind === 'refuse') return void request.socket.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const body = readable(raw, request.headers['content-type'] ?? '');
    const headers = headersOf(request.headers);
    const exchange: Exchange = {
      method,
      url,
      headers,
      body,
      status: 0,
      answer: undefined,
      answerHeaders: {},
    };
    keep(this.exchanges, exchange, MOST_EXCHANGES);
    if (fault?.kind === 'hang') return;
    const outcome = await this.#outcome(request, url, raw, fault);
    // The event is on its way to every socket before the answer is written (app/post.go, CreatePost).
    await this.#world.hub.flushed();
    await this.#answer(response, exchange, outcome, fault);
  }

  async #outcome(
    request: IncomingMessage,
    url: URL,
    raw: Buffer,
    fault: Fault | undefined,
  ): Promise<Outcome> {
    const early = this.#early(fault);
    if (early !== undefined) return early;
    const { isLimited, headers: limits } = this.limit(request);
    if (isLimited) return limited(limits);
    const { clock } = this.#world;
    const beforeSave = fault?.kind === 'slowSave' ? () => clock.sleep(fault.ms) : () => Promise.resolve();
    const node = fault?.kind === 'otherNode' ? 1 : 0;
    const run = (at: number): Promise<Outcome> => carryOut(this.#world, request, url, raw, at, beforeSave);
    const outcome = await run(node);
    if (fault?.kind === 'commitTwice') await run(1 - node);
    if (fault?.kind === 'proxyError') return page(fault.status ?? 502);
    if (fault?.kind === 'errorAfter') return failed(this.#world.newId(), fault.status ?? 500);
    return { ...outcome, headers: { ...outcome.headers, ...limits } };
  }

  /** Answers given without carrying anything out. */
  #early(fault: Fault | undefined): Outcome | undefined {
    if (fault?.kind === 'proxyError' && fault.isCarriedOut !== true) return page(fault.status ?? 502);
    if (fault?.kind === 'rateLimit') {
      return limited({ 'retry-after': String(fault.retryAfterSec), 'x-ratelimit-remaining': '0' });
    }
    if (fault?.kind === 'unauthorized') {
      return failed(this.#world.newId(), 401, 'api.context.session_expired.app_error');
    }
    return undefined;
  }

  /** While the limiter is on every answer bears its headers; it stands before websockets too. */
  limit(request: IncomingMessage): Verdict {
    const { RateLimit } = this.#world.settings;
    if (!RateLimit.enable) return { isLimited: false, headers: {} };
    const key = RateLimit.varyByUser ? request.headers.authorization : request.socket.remoteAddress;
    return this.#limiter.take(key ?? '', RateLimit);
  }

  async #answer(
    response: ServerResponse,
    exchange: Exchange,
    outcome: Outcome,
    fault: Fault | undefined,
  ): Promise<void> {
    if (fault?.kind === 'silence') return;
    if (fault?.kind === 'loseAnswer') return void response.destroy();
    if (fault?.kind === 'delayAnswer') await this.#world.clock.sleep(fault.ms);
    const headers = { ...outcome.headers, 'content-type': outcome.type };
    exchange.status = outcome.status;
    exchange.answerHeaders = headers;
    exchange.answer = readable(Buffer.from(outcome.content), outcome.type);
    response.writeHead(outcome.status, headers);
    response.end(outcome.content);
  }
}

function failed(requestId: string, status: number, id = 'api.context.server_error.app_error'): Outcome {
  const body = { id, message: id, detailed_error: '', request_id: requestId, status_code: status };
  return { status, type: 'application/json', content: JSON.stringify(body), headers: {} };
}
