import { randomUUID } from 'node:crypto';

/** Unguessable ids enter here. */
export const newId = (): string => randomUUID();
