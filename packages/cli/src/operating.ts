import { type Command, InvalidArgumentError } from 'commander';
import { type DeadListOptions, type DeadShowOptions, deadList, deadShow } from './commands/dead.ts';
import { type ActOptions, deadDrop, deadReplay } from './commands/dead-act.ts';
import { type LanesOptions, lanes } from './commands/lanes.ts';
import { CONFIG, examples, type Run } from './help.ts';
import type { Io } from './io.ts';

const LIMIT_MAX = 1000;
const LIMIT = 20;
const ID = '01990a6c-0000-7000-8000-000000000000/skv-chat';

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new InvalidArgumentError(`Write a whole number from 1 to ${LIMIT_MAX}.`);
}

const LANES_JSON = `
JSON: { at, rooms: [{ room, aside, dead, lanes: [{ lane: "inbox" | "outbox", link, network, organisation,
  items, bytes, full, state: "empty" | "worked" | "held" | "paused" | "nobody",
  head: { event, kind, since, replays, failed: { tries, since, last, code } | null } | null,
  owner: { name, leaseMs } | null, hold: { paused, leftMs } | null }] }] }
  Dates are milliseconds since 1970, link is null of an inbox.`;

const LETTER_JSON = `
JSON of a letter: { id, room, link, linkInSettings, organisation, code, reason, at, kind, acceptedAt, event,
  target, origin: { network, nativeId }, key, replays, history: { tries, since, last, codes: { CODE: count } } }
  Dates are milliseconds since 1970.`;

const REPLAY_TOLD = `
A letter goes to the END of its link's lane: it arrives late, out of its place, with the words it first had. A
change of a message that is dead itself goes behind it, when both are named. The network is asked first whether
the message is there already, and the time the link gives a delivery begins anew. A message that was removed
meanwhile stays dead, and so does a change that a later one stands above.
A letter that cannot go stays as it is; the exit code is then 1.

JSON: { dryRun, summary: { VERDICT: count }, letters: [a letter, with verdict], missing: [id] }
  verdict: "replayed" | "gone" | "removed" | "overtaken" | "full" | "retired" | "targetDead"`;

const DROP_JSON = '\nJSON: { dryRun, letters: [{ id, room, link, dropped }], missing: [id] }';

/** What operators do beside a running hub: `lanes`, `dead`. */
export function addOperatorCommands(program: Command, io: Io, run: Run): void {
  program
    .command('lanes')
    .summary('what waits, and what for')
    .description(
      'Shows every lane that has something in it: how much, how long, who works on it, what it waits for. ' +
        'Reads the first item of each, shows nothing of what people wrote, and changes nothing.',
    )
    .option(...CONFIG)
    .option('--room <id>', 'this room only')
    .option('--all', 'the empty lanes as well')
    .option('--json', 'print the result as JSON')
    .action((options: LanesOptions) => run(lanes(options, io)))
    .addHelpText('after', LANES_JSON)
    .addHelpText('after', examples('lanes', 'lanes --room situation --all', 'lanes --json'));
  const dead = program
    .command('dead')
    .summary('dead letters: deliveries that were given up')
    .description('Shows deliveries that were given up, puts them back, or removes them.')
    .addHelpText('after', examples('dead list', `dead show ${ID}`, 'dead replay --all --dry-run'));
  addReading(dead, io, run);
  addActing(dead, io, run);
}

function addReading(dead: Command, io: Io, run: Run): void {
  dead
    .command('list')
    .summary('list them, newest first')
    .description('Lists deliveries that were given up, newest first, without what was written.')
    .option(...CONFIG)
    .option('--room <id>', 'of this room only')
    .option('--link <id>', 'of this link only')
    .option('--limit <count>', `how many at most, up to ${LIMIT_MAX}`, limitOf, LIMIT)
    .option('--json', 'print the result as JSON: { at, letters }')
    .action((options: DeadListOptions) => run(deadList(options, io)))
    .addHelpText('after', LETTER_JSON)
    .addHelpText('after', examples('dead list', 'dead list --room situation --link skv-chat --limit 100'));
  dead
    .command('show <id>')
    .summary('show one with its history')
    .description('Shows why a delivery was given up, what was tried, and what a replay would do.')
    .option(...CONFIG)
    .option('--contents', 'also what was written: it is on your terminal then, and in whatever records that')
    .option('--json', 'print the result as JSON: a letter, with verdict and replay (and contents)')
    .action((id: string, options: DeadShowOptions) => run(deadShow(id, options, io)))
    .addHelpText('after', LETTER_JSON)
    .addHelpText('after', examples(`dead show ${ID}`));
}

function addActing(dead: Command, io: Io, run: Run): void {
  const acting = (command: Command): Command =>
    command
      .option(...CONFIG)
      .option('--all', 'all of them, or all that --room and --link choose')
      .option('--room <id>', 'with --all: of this room only')
      .option('--link <id>', 'with --all: of this link only')
      .option('--dry-run', 'say what would be done, and do nothing')
      .option('--yes', 'do not ask (without a terminal to ask on, nothing is done otherwise)')
      .option('--json', 'print the result as JSON');
  acting(dead.command('replay [id...]'))
    .summary('put them back, to be delivered after all')
    .description('Puts letters back into the lane of their link.')
    .action((ids: string[], options: ActOptions) => run(deadReplay(ids, options, io)))
    .addHelpText('after', REPLAY_TOLD)
    .addHelpText('after', examples(`dead replay ${ID}`, 'dead replay --all --link skv-chat --dry-run'));
  acting(dead.command('drop [id...]'))
    .summary('remove them for good')
    .description('Removes letters for good: what was written is not delivered there any more.')
    .action((ids: string[], options: ActOptions) => run(deadDrop(ids, options, io)))
    .addHelpText('after', DROP_JSON)
    .addHelpText('after', examples(`dead drop ${ID}`, 'dead drop --all --room situation --yes'));
}
