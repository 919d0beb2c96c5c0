import { createHmac } from 'node:crypto';
import type { JsonAnswer } from './probes.ts';
import { httpJson } from './probes.ts';
import { REGISTRATION_SECRET } from './synapse-config.ts';

/** Who an account is, and a fresh access token of it. */
export interface Account {
  userId: string;
  accessToken: string;
}

/** Registers by shared secret; logs in when the name is taken already. */
export async function registerAccount(
  url: string,
  name: string,
  password: string,
  admin: boolean,
): Promise<Account> {
  const path = `${url}/_synapse/admin/v1/register`;
  const nonce = text((await httpJson('GET', path)).body, 'nonce');
  const signed = [nonce, name, password, admin ? 'admin' : 'notadmin'].join('\0');
  const mac = createHmac('sha1', REGISTRATION_SECRET).update(signed).digest('hex');
  const made = await httpJson('POST', path, { nonce, username: name, password, admin, mac });
  if (made.status === 400 && text(made.body, 'errcode') === 'M_USER_IN_USE')
    return await logIn(url, name, password);
  return account(made, `registering ${name}`);
}

async function logIn(url: string, name: string, password: string): Promise<Account> {
  const identifier = { type: 'm.id.user', user: name };
  const request = { type: 'm.login.password', identifier, password };
  return account(await httpJson('POST', `${url}/_matrix/client/v3/login`, request), `logging ${name} in`);
}

function account(answer: JsonAnswer, what: string): Account {
  if (answer.status !== 200) throw new Error(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return { userId: text(answer.body, 'user_id'), accessToken: text(answer.body, 'access_token') };
}

function text(body: unknown, field: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, field) : undefined;
  return typeof value === 'string' ? value : '';
}
