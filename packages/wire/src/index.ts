export * from './backoff.ts';
export * from './gate.ts';
export * from './http.ts';
export * from './retry-after.ts';
export * from './trouble.ts';
