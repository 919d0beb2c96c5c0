import { notFound } from './app-error.ts';
import type { Route } from './call.ts';

export interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? '';
    if (part.startsWith(':') && value !== '') params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return params;
}

/** The first route that fits: fixed words stand before parameters in the table. */
export function find(routes: readonly Route[], method: string, path: string): Found {
  for (const route of routes) {
    const params = route[0] === method ? paramsOf(route[1], path) : undefined;
    if (params !== undefined) return { route, params };
  }
  throw notFound();
}
