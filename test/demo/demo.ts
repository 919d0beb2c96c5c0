import { INTERRUPTED_EXIT, Interrupted, Interrupts } from './interrupts.ts';
import { joinPage } from './join-page.ts';
import { HELP, type Options, optionsOf } from './options.ts';
import { Place } from './place.ts';
import { Screen } from './screen.ts';
import { closeStage, fallen, openStage, prepareServers, type Stage } from './stage.ts';
import { tell } from './telling.ts';

const WRONG_USAGE = 2;

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^(?:Error: )+/, '').trimEnd();

/** Resolves with the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const screen = new Screen();
  try {
    const options = optionsOf(words, process.env);
    if (options !== 'help') return await demonstrate(options, screen);
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    screen.problem(`${messageOf(error)}\n"npm start -- --help" tells what there is.`);
    return WRONG_USAGE;
  }
}

async function demonstrate(options: Options, screen: Screen): Promise<number> {
  const interrupts = new Interrupts((line) => screen.progress(line));
  try {
    await interrupts.unless(prepareServers(options, screen));
    const place = new Place(options.keep);
    const stage = await interrupts.unless(openStage(options, place, screen));
    const exit = await play(stage, options, screen, interrupts);
    place.leave();
    return exit;
  } catch (error) {
    const interrupted = error instanceof Interrupted;
    if (interrupted) screen.progress('interrupted: what was started ends with this process');
    else screen.problem(messageOf(error));
    return interrupted ? INTERRUPTED_EXIT : 1;
  }
}

/** The conversation, then the wait; whatever happens, everything is stopped in order. */
async function play(stage: Stage, options: Options, screen: Screen, interrupts: Interrupts): Promise<number> {
  let exit = 1;
  try {
    const crossed = await interrupts.unless(tell(stage, screen));
    exit = crossed ? 0 : 1;
    if (!options.once) {
      screen.result(joinPage(stage, screen.paint));
      if (!(await stayUp(stage, screen, interrupts))) exit = 1;
    }
  } catch (error) {
    if (error instanceof Interrupted) exit = INTERRUPTED_EXIT;
    else screen.problem(messageOf(error));
  }
  screen.progress('stopping');
  const well = await closeStage(stage, screen);
  return well || exit !== 0 ? exit : 1;
}

/** Until the user asks to stop. False when something ended by itself before. */
async function stayUp(stage: Stage, screen: Screen, interrupts: Interrupts): Promise<boolean> {
  let asked = false;
  const stop = interrupts.asked.then(() => {
    asked = true;
    return null;
  });
  const ended = await Promise.race([stop, fallen(stage, () => asked)]);
  if (ended === null) return true;
  screen.problem(`${ended} has ended by itself; the logs are in ${stage.house.folder}`);
  return false;
}
