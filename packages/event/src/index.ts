export * from './body.ts';
export * from './event.ts';
export * from './ids.ts';
export * from './upcast.ts';
