import { goalsOf, type Reached, type Results } from './goals.ts';
import type { Figures } from './job.ts';
import { MEASURES, type MeasureName, type Row } from './measures.ts';
import { spreadOf } from './statistics.ts';

const SAYS = 46;
const NUMBER = 12;
const UNIT = 10;

const digits = (value: number, places: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places });

function line(row: Row, repetitions: readonly Figures[]): string {
  const values = repetitions.flatMap((figures) => figures[row.figure] ?? []);
  if (values.length === 0) return '';
  const { median, least, most } = spreadOf(values);
  const spread = values.length > 1 ? `${digits(least, row.digits)} to ${digits(most, row.digits)}` : '';
  const number = digits(median, row.digits).padStart(NUMBER);
  return `  ${row.says.padEnd(SAYS)}${number} ${row.unit.padEnd(UNIT)}${spread}`.trimEnd();
}

function measure(name: MeasureName, repetitions: readonly Figures[]): string {
  const { title, rows } = MEASURES[name];
  const lines = rows.map((row) => line(row, repetitions)).filter((text) => text !== '');
  return [`${title}  [${name}]`, ...lines].join('\n');
}

function goal({ says, goal: bound, reached, verdict }: Reached): string {
  const number = (reached === null ? '-' : digits(reached, 2)).padStart(10);
  return `  ${says.padEnd(62)}${number}   ${bound.padEnd(8)} ${verdict}`;
}

/** Everything for people: each measure's median and spread, then the goals. */
export function table(machine: string, results: Results, wrong: readonly string[]): string {
  const measured = [...results].filter(([, repetitions]) => repetitions.length > 0);
  const goals = goalsOf(results).filter(({ verdict }) => verdict !== 'not measured');
  const heading = `${'goals, as quotients within this run'.padEnd(67)}reached   goal`;
  return [
    machine,
    ...measured.map(([name, repetitions]) => measure(name, repetitions)),
    ...(goals.length === 0 ? [] : [[heading, ...goals.map(goal)].join('\n')]),
    ...(wrong.length === 0
      ? []
      : [['WRONG, so without figures', ...wrong.map((one) => `  ${one}`)].join('\n')]),
  ].join('\n\n');
}

/** The same for programs. */
export function json(machine: string, results: Results, wrong: readonly string[]): string {
  const measures = Object.fromEntries(
    [...results].map(([name, repetitions]) => {
      const figures = [...new Set(repetitions.flatMap((one) => Object.keys(one)))];
      const spread = figures.map((figure) => [
        figure,
        spreadOf(repetitions.flatMap((one) => one[figure] ?? [])),
      ]);
      return [name, { title: MEASURES[name].title, ...Object.fromEntries(spread), repetitions }];
    }),
  );
  return JSON.stringify({ machine, measures, goals: goalsOf(results), wrong }, null, 2);
}
