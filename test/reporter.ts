import type { Reporter, TestCase, TestModule, TestRunEndReason } from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** Why `it.skipIf` or `describe.skipIf` skips: `describe.skipIf(x)('name', { meta: { reason } }, ...)`. */
    reason?: string;
  }
}

/** Put by run.ts into the environment when the real servers cannot be had on this machine. */
const SERVERS_MISSING = 'BRYGGA_SERVERS_MISSING';

type Modules = readonly TestModule[];

const testsOf = (modules: Modules): TestCase[] =>
  modules.flatMap((module) => [...module.children.allTests()]);

type Part = TestCase | TestCase['parent'];

/** A test and all it stands in, from the inside. */
function around(test: TestCase): Part[] {
  const parts: Part[] = [test];
  for (let part: Part = test; part.type !== 'module'; ) {
    part = part.parent;
    parts.push(part);
  }
  return parts;
}

const hasFailed = (part: Part): boolean => part.type !== 'test' && part.errors().length > 0;

/** Files and blocks that failed outside any test: an import, a `beforeAll`. */
const failedAround = (modules: Modules): number =>
  modules.flatMap((module) => [module, ...module.children.allSuites()]).filter(hasFailed).length;

function reasonOf(test: TestCase): string {
  const result = test.result();
  const parts = around(test);
  const reasons = [
    result.state === 'skipped' ? result.note : undefined,
    ...parts.map((part) => part.meta().reason),
    parts.some(hasFailed) ? 'what it stands in failed' : undefined,
    test.project.name === 'real' ? process.env[SERVERS_MISSING] : undefined,
  ];
  return reasons.find((reason) => reason !== undefined && reason !== '') ?? 'no reason given';
}

/** Tests that `real-runner.ts` left out are told to us as never run. */
const stateOf = (test: TestCase): ReturnType<TestCase['result']>['state'] => {
  const { state } = test.result();
  const leftOut =
    state === 'pending' && test.project.name === 'real' && process.env[SERVERS_MISSING] !== undefined;
  return leftOut ? 'skipped' : state;
};

/** `pending` is a test that was collected and never ran: the run was cut short, which is no pass. */
function count(
  modules: Modules,
  errors: number,
  reason: TestRunEndReason,
): Record<'passed' | 'failed' | 'skipped', number> {
  const seen = { passed: 0, failed: 0, skipped: 0, pending: 0 };
  for (const test of testsOf(modules)) seen[stateOf(test)]++;
  const failed = seen.failed + seen.pending + failedAround(modules) + errors;
  return {
    passed: seen.passed,
    failed: reason === 'passed' ? failed : Math.max(failed, 1),
    skipped: seen.skipped,
  };
}

/** Each skipped test with its reason. */
function skippedLines(modules: Modules): string[] {
  const lines = testsOf(modules)
    .filter((test) => stateOf(test) === 'skipped')
    .map((test) => `  ${test.module.relativeModuleId} > ${test.fullName}: ${reasonOf(test)}`);
  return lines.length === 0 ? [] : ['', 'Not run:', ...lines];
}

/**
 * Closes a run for people and for whoever counts: each skipped test with its reason, then, last of all and alone
 * on its line, `N passed, N failed, N skipped`.
 */
export default class ClosingLine implements Reporter {
  #lines: readonly string[] = [];

  onInit(): void {
    process.once('exit', () => {
      for (const line of this.#lines) process.stdout.write(`${line}\n`);
    });
  }

  onTestRunEnd(modules: Modules, errors: readonly unknown[], reason: TestRunEndReason): void {
    const { passed, failed, skipped } = count(modules, errors.length, reason);
    this.#lines = [...skippedLines(modules), '', `${passed} passed, ${failed} failed, ${skipped} skipped`];
  }
}
