export * from './bridge.ts';
export * from './clock.ts';
export * from './codes.ts';
export * from './delivery.ts';
export * from './log.ts';
export * from './manifest.ts';
export * from './outcome.ts';
export * from './table.ts';
