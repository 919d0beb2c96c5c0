import { fieldName, type Path } from './problem.ts';
import { below, type Secrecy, type Shape } from './shape.ts';

/** A setting that must not be shown. */
export interface Secret {
  readonly path: Path;
  readonly secrecy: Secrecy;
  readonly value: unknown;
}

/** What stands in place of a secret. */
export const MASK = '***';

/** Shorter ones are not searched for in texts: they would blot out ordinary words. */
const SEARCHED_LENGTH_MIN = 4;

/** The secrets in `tree`, found by the `secret` marks of its shapes. */
export function secretsIn(shapes: readonly Shape[], tree: unknown, path: Path = []): Secret[] {
  const marked = shapes.find(({ secret }) => secret !== null)?.secret ?? shapes.flatMap(markedForm)[0];
  if (marked != null) return [{ path, secrecy: marked, value: tree }];
  return childrenOf(tree).flatMap(([part, child]) => {
    const inner = shapes.flatMap((shape) => below(shape, part));
    return inner.length === 0 ? [] : secretsIn(inner, child, [...path, part]);
  });
}

const markedForm = (shape: Shape): Secrecy[] =>
  shape.forms.flatMap((form) => (form.secret === null ? markedForm(form) : [form.secret]));

/** The parts of a mapping or a list, by name or index. */
export function childrenOf(tree: unknown): (readonly [string | number, unknown])[] {
  if (Array.isArray(tree)) return tree.map((item: unknown, index) => [index, item] as const);
  return typeof tree === 'object' && tree !== null ? Object.entries(tree) : [];
}

const CREDENTIALS = /^([a-z][a-z0-9+.-]*:\/\/)(?:[^/?#]*@)?([^?#]*)([?#].*)?$/is;

/** An address without user, password, query and fragment. What is not an address is masked whole. */
function withoutCredentials(address: string): string {
  const parts = CREDENTIALS.exec(address);
  if (parts === null) return MASK;
  const [, scheme = '', rest = '', query] = parts;
  const user = address.startsWith(`${scheme}${rest}`) ? '' : `${MASK}@`;
  return `${scheme}${user}${rest}${query === undefined ? '' : `?${MASK}`}`;
}

/** What may be shown of a secret. */
export const masked = ({ secrecy, value }: Pick<Secret, 'secrecy' | 'value'>): string =>
  secrecy === 'url' && typeof value === 'string' ? withoutCredentials(value) : MASK;

/** True when masking hides anything: an address without credentials is no secret. */
export const hidesSomething = (secret: Secret): boolean => masked(secret) !== secret.value;

const textsIn = (value: unknown): string[] =>
  typeof value === 'string' || typeof value === 'number'
    ? [String(value)]
    : childrenOf(value).flatMap(([, child]) => textsIn(child));

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What of an address is secret: user information, password, and each value of the query. */
function addressParts(address: string): string[] {
  const user = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/is.exec(address)?.[1] ?? '';
  const query = /[?#](.*)$/s.exec(address)?.[1] ?? '';
  const password = user.includes(':') ? user.slice(user.indexOf(':') + 1) : '';
  const values = query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
  return [user, password, query, ...values].flatMap((part) => [part, decoded(part)]);
}

const searched = ({ secrecy, value }: Secret): string[] =>
  textsIn(value).flatMap((text) => {
    const parts = secrecy === 'url' && /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? addressParts(text) : [text];
    return parts.flatMap((part) => [part, encodeURIComponent(part.toWellFormed())]);
  });

/** Takes secrets out of a text made elsewhere (by a bridge, a library, a server). */
export type Redact = (text: string) => string;

/** Makes the `Redact` of these secrets. The secrets themselves cannot be reached from it. */
export function redactor(secrets: readonly Secret[]): Redact {
  const texts = [...new Set(secrets.flatMap(searched))]
    .filter((text) => text.length >= SEARCHED_LENGTH_MIN)
    .sort((a, b) => b.length - a.length);
  return (text) => texts.reduce((left, secret) => left.replaceAll(secret, MASK), text);
}

/** The tree with every secret masked; `secrets` by path. Everything else in it becomes plain data. */
export function maskTree(secrets: readonly Secret[], redact: Redact, tree: unknown): unknown {
  const byField = new Map(secrets.map((secret) => [fieldName(secret.path), secret]));
  const walk = (value: unknown, path: Path): unknown => {
    const secret = byField.get(fieldName(path));
    if (secret !== undefined) return value === undefined ? undefined : masked({ ...secret, value });
    if (typeof value === 'string') return redact(value);
    if (value instanceof URL || value instanceof RegExp) return redact(String(value));
    if (Array.isArray(value)) return value.map((item: unknown, index) => walk(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [key, walk(child, [...path, key])]),
    );
  };
  return walk(tree, []);
}
