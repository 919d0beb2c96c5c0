import { until } from '../house/until.ts';
import { type Conversation, converse } from './conversation.ts';
import { differences, type Histories, histories, type Row, rowsOf } from './histories.ts';
import { shortened, wrapped } from './layout.ts';
import { lossesOf } from './losses.ts';
import { conversationPage, duration, timesLines } from './page.ts';
import { OnMatrix, OnXmpp } from './people.ts';
import type { Screen } from './screen.ts';
import { type Act, other, PEOPLE, SCRIPT } from './script.ts';
import type { Stage } from './stage.ts';

/** For the hub's notice at the opening, and for both histories to show the same. */
const SETTLED_WITHIN_MS = 20_000;

/** Has both people write, and prints what each side's history then shows. True when all of it crossed. */
export async function tell(stage: Stage, screen: Screen): Promise<boolean> {
  const { house, room } = stage;
  const matrix = new OnMatrix(house, room);
  await matrix.open();
  try {
    await noticed(stage);
    const cast = { matrix, xmpp: new OnXmpp(house, room) };
    const conversation = await converse(cast, (act, ms) => screen.progress(actLine(act, ms)));
    return await report(stage, conversation, screen);
  } finally {
    await matrix.close();
  }
}

async function report(stage: Stage, conversation: Conversation, screen: Screen): Promise<boolean> {
  const { now, rows, wrong } = await settled(stage, conversation);
  const metrics = await (await fetch(`${stage.house.statusUrl}/metrics`)).text();
  const whole = conversation.missing.length === 0 && wrong.length === 0;
  screen.result(`\n${conversationPage(rows, now, screen.columns, screen.paint)}`);
  screen.result(whole ? timesLines(rows) : screen.paint('red', lacks(conversation, wrong)));
  screen.result(lossLines(lossesOf(metrics), screen.columns));
  return whole;
}

/** A room that is bridged for the first time is told so; people begin to write after that. */
async function noticed({ house, room, before }: Stage): Promise<void> {
  if (before.matrix.length > 0) return;
  const both = async (): Promise<boolean> => {
    const { matrix, xmpp } = await histories(house, room);
    return matrix.length > 0 && xmpp.length > 0;
  };
  await until('the opening notice', both, { withinMs: SETTLED_WITHIN_MS, everyMs: 100 }).catch(
    () => undefined,
  );
}

interface Look {
  readonly now: Histories;
  readonly rows: readonly Row[];
  readonly wrong: readonly string[];
}

/** Looks until both sides show the same, or the time is over. */
async function settled({ house, room, before }: Stage, conversation: Conversation): Promise<Look> {
  const look = async (): Promise<Look> => {
    const now = await histories(house, room, before);
    const rows = rowsOf(now, conversation);
    return { now, rows, wrong: differences(rows, now) };
  };
  let last = await look();
  if (conversation.missing.length > 0) return last;
  const alike = async (): Promise<boolean> => {
    if (last.wrong.length > 0) last = await look();
    return last.wrong.length === 0;
  };
  const bounds = { withinMs: SETTLED_WITHIN_MS, everyMs: 500 };
  await until('both sides show the same', alike, bounds).catch(() => undefined);
  return last;
}

const QUOTED = 44;

/** What was done, in the past: `removes "Fika …"`. */
function deed(act: Act): string {
  const first = SCRIPT.find((one) => one.message === act.message && one.does === 'say');
  const quote = `"${shortened(first?.does === 'say' ? first.text : '', QUOTED)}"`;
  switch (act.does) {
    case 'say':
      return act.answers === undefined ? `writes ${quote}` : `answers ${quote}`;
    case 'edit':
      return `edits ${quote}`;
    case 'react':
      return `reacts with ${act.emoji} to ${quote}`;
    case 'remove':
      return `removes ${quote}`;
  }
}

function actLine(act: Act, ms: number | null): string {
  const reader = PEOPLE[other(act.by)].first;
  const end = ms === null ? `${reader} does not see it` : `${reader} sees it after ${duration(ms)}`;
  return `${PEOPLE[act.by].first} ${deed(act)}; ${end}`;
}

const lacks = ({ missing }: Conversation, wrong: readonly string[]): string =>
  [
    'The conversation did not cross as a whole:',
    ...missing.map((act) => `  - ${actLine(act, null)}`),
    ...wrong.map((line) => `  - ${line}`),
  ].join('\n');

function lossLines(losses: readonly string[], columns: number): string {
  if (losses.length === 0) return 'Carried in another form: nothing.';
  const items = losses.flatMap((line) => wrapped(`- ${line}`, columns - 2));
  return ['Carried in another form, as the hub counts it:', ...items.map((line) => `  ${line}`)].join('\n');
}
