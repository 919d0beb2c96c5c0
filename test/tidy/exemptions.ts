/**
 * What a law does not yet hold for, and why. The list may only shrink: a line that is not needed any more fails
 * the test, and so does a list of another length than RECORDED, which nobody raises.
 */
export interface Exemption {
  readonly law: string;
  /** As the violation names it: a path, or `path#function`. */
  readonly place: string;
  readonly reason: string;
}

export const RECORDED = 0;

export const EXEMPTIONS: readonly Exemption[] = [];
