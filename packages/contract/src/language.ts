/** The languages in which is said in channels what people did not say themselves. */
export const LANGUAGES = ['en', 'sv'] as const;
export type Language = (typeof LANGUAGES)[number];
