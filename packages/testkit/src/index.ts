export * from './arbitrary-body.ts';
export * from './checked-log.ts';
export * from './dice.ts';
export * from './fake-context.ts';
export * from './harness.ts';
export * from './manual-clock.ts';
export * from './wait.ts';
