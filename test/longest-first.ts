import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Keeps both cores busy for minutes, while the others mostly wait. */
const LONGEST = /faults\/faults\.real\.test\.ts$/;

/** The file that takes longest begins first of its project: at the end nobody waits for it alone. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ project, moduleId }: TestSpecification): number =>
      2 * project.config.sequence.groupOrder + (LONGEST.test(moduleId) ? 0 : 1);
    return sorted.toSorted((one, two) => rank(one) - rank(two));
  }
}
