import { randomUUID } from 'node:crypto';

/** An id nobody used before, also not in an earlier run against the same server. */
export const newId = (): string => randomUUID();
