import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Keeps both cores busy for minutes, while the others mostly wait. */
const LONGEST = /faults\/faults\.real\.test\.ts$/;

/** The file that takes longest begins first: at the end nobody waits for it alone. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId }: TestSpecification): boolean => LONGEST.test(moduleId);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}
