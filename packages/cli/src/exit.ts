/** Exit codes of every command. Also in `brygga --help`. */
export const EXIT = {
  ok: 0,
  /** Something is wrong with the settings, Redis, a network; or the command failed. */
  problem: 1,
  /** The command was called in a way it does not know. */
  usage: 2,
  /** Nothing is wrong, but something is doubtful, and `hub.strict` is on. */
  strict: 3,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `Exit codes:
  0  all is well
  1  a problem: settings, Redis, a network, or the command itself failed
  2  wrong usage: unknown command, option, network, bridge, room or link; or nobody there to ask
  3  refused because hub.strict is on and something is doubtful`;
