import type { Exemption } from './exemptions.ts';
import type { Law, Tree, Violation } from './tree.ts';

const covers = (exemption: Exemption, law: Law, violation: Violation): boolean =>
  exemption.law === law.name && exemption.place === violation.place;

/** What breaks a law and is not exempt, as lines to print. */
export function broken(law: Law, tree: Tree, exemptions: readonly Exemption[]): string[] {
  return law
    .check(tree)
    .filter((violation) => !exemptions.some((exemption) => covers(exemption, law, violation)))
    .map(({ place, line, says }) => `${place}${line === undefined ? '' : `:${line}`} ${says}`);
}

/** Exemptions that cover nothing: the law holds there by now, or never spoke of it. */
export function idle(laws: readonly Law[], tree: Tree, exemptions: readonly Exemption[]): Exemption[] {
  const needed = new Set<Exemption>();
  for (const law of laws) {
    for (const violation of law.check(tree)) {
      for (const exemption of exemptions) if (covers(exemption, law, violation)) needed.add(exemption);
    }
  }
  return exemptions.filter((exemption) => !needed.has(exemption));
}
