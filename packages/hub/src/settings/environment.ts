/** What `${NAME}` in the settings is looked up in. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process: the one place that reads it. */
export const environment = (): Environment => process.env;
