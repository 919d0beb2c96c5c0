export * from './authority.ts';
export * from './degrade.ts';
export * from './plan.ts';
export * from './words.ts';
