/** model.NewId: 26 characters of z-base-32. */
const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769';

export const newId = (random: () => number): string =>
  Array.from({ length: 26 }, () => ALPHABET[Math.floor(random() * ALPHABET.length)]).join('');

export const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-zA-Z0-9]{26}$/.test(value);
