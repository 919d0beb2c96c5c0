import type { Finding } from '@brygga/contract';
import { type Problem, problemText } from '@brygga/hub';
import type { Group } from './online.ts';
import { mark } from './text.ts';

/** All that `brygga check` found. */
export interface Report {
  readonly file: string;
  readonly online: boolean;
  readonly strict: boolean;
  /** What keeps the settings from being read. */
  readonly problems: readonly Problem[];
  readonly groups: readonly Group[];
}

export type Tally = Readonly<Record<Finding['level'], number>>;

export function tally({ problems, groups }: Report): Tally {
  const levels = groups.flatMap(({ findings }) => findings.map(({ level }) => level));
  const count = (wanted: Finding['level']): number => levels.filter((level) => level === wanted).length;
  return { ok: count('ok'), warn: count('warn'), fail: count('fail') + problems.length };
}

function groupText({ name, findings }: Group, coloured: boolean): string[] {
  if (findings.length === 0) return [];
  const lines = findings.flatMap(({ level, what, remedy }) => [
    `  ${mark(level, coloured)}  ${what}`,
    ...(remedy === undefined || level === 'ok' ? [] : [`        ${remedy}`]),
  ]);
  return [name, ...lines, ''];
}

function summary(report: Report): string {
  const { ok, warn, fail } = tally(report);
  const strict =
    report.strict && fail === 0 && warn > 0 ? '; hub.strict is on: warnings count as failures' : '';
  const offline = report.online || fail > 0 ? '' : '; add --online to ask Redis and the networks';
  return `${ok} ok, ${warn} warn, ${fail} fail${strict}${offline}`;
}

/** For people: grouped, with remedies, a countable last line. */
export function asText(report: Report, coloured: boolean): string {
  const lines = [
    ...report.problems.map((problem) => problemText(report.file, problem)),
    ...(report.problems.length > 0 ? [''] : []),
    ...report.groups.flatMap((group) => groupText(group, coloured)),
    summary(report),
  ];
  return `${lines.join('\n')}\n`;
}

/** For programs. */
export function asJson(report: Report): string {
  const { file, online, strict, problems, groups } = report;
  const counts = tally(report);
  const ok = counts.fail === 0 && !(strict && counts.warn > 0);
  return `${JSON.stringify({ ok, file, online, strict, summary: counts, problems, groups }, null, 2)}\n`;
}
