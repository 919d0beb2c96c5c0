/** Chance enters here: uniform in [0, 1). */
export const dice = (): number => Math.random();
