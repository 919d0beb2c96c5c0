import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { capabilities } from './commands/capabilities.ts';
import { type CheckOptions, check } from './commands/check.ts';
import { config } from './commands/config.ts';
import { type RegistrationOptions, registration } from './commands/registration.ts';
import { sample } from './commands/sample.ts';
import { start } from './commands/start.ts';
import { EXIT, EXIT_HELP, type Exit } from './exit.ts';
import { CONFIG, examples, type Run } from './help.ts';
import type { Io } from './io.ts';
import { addOperatorCommands } from './operating.ts';
import type { ConfigOption } from './settings.ts';

function addHubCommands(program: Command, io: Io, run: Run): void {
  program
    .command('start')
    .summary('run the hub')
    .description(
      'Runs the hub until SIGTERM or SIGINT; a second signal ends it at once. Logs on standard output.',
    )
    .option(...CONFIG)
    .action((options: ConfigOption) => run(start(options, io)))
    .addHelpText('after', examples('start', 'start -c /etc/brygga/brygga.yaml'));
  program
    .command('check')
    .summary('is everything as it must be?')
    .description('Reads the settings and says what is wrong, where, and what to do. Changes nothing.')
    .option(...CONFIG)
    .option('--online', 'also ask Redis and every network: permissions, versions, limits')
    .option('--network <id>', 'ask this network only (implies --online)')
    .option('--json', 'print the result as JSON')
    .action((options: CheckOptions) => run(check(options, io)))
    .addHelpText(
      'after',
      examples('check', 'check --online', 'check --network skv-chat', 'check --online --json'),
    );
}

function addSettingsCommands(program: Command, io: Io, run: Run): void {
  program
    .command('sample')
    .summary('print a commented sample of the settings')
    .description('Prints a settings file with every setting, its meaning, unit and default.')
    .action(() => run(sample(io)))
    .addHelpText('after', examples('sample > brygga.yaml'));
  program
    .command('config')
    .summary('print the settings in effect')
    .description('Prints the settings in effect and where each comes from. Secrets are masked.')
    .option(...CONFIG)
    .action((options: ConfigOption) => run(config(options, io)))
    .addHelpText('after', examples('config', 'config -c /etc/brygga/brygga.yaml'));
}

function addNetworkCommands(program: Command, io: Io, run: Run): void {
  program
    .command('registration <network>')
    .summary("print what a network's server must be given")
    .description("Prints the file for the administrator of the network's server. It holds secrets.")
    .option(...CONFIG)
    .option('--out <file>', 'write it to a file that only you can read')
    .action((id: string, options: RegistrationOptions) => run(registration(id, options, io)))
    .addHelpText('after', examples('registration skv-chat', 'registration skv-chat --out registration.yaml'));
  program
    .command('capabilities [bridge]')
    .summary('print what the bridges can carry')
    .description('Prints, feature by feature, what a bridge (or every bridge) can carry each way.')
    .action((bridge: string | undefined) => run(capabilities(bridge, io)))
    .addHelpText('after', examples('capabilities', ...io.bridges.slice(0, 1).map(exampleOf)));
}

const exampleOf = ({ kind }: Io['bridges'][number]): string => `capabilities ${kind.manifest.protocol}`;

/** The command line. `run` is given what each command comes to. */
function commandLine(io: Io, run: Run): Command {
  const program = new Command('brygga')
    .description('Brygga carries chat between organisations that use different systems.')
    .version(packageJson.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .showHelpAfterError('(brygga --help tells what there is)')
    .addHelpText('after', examples('sample > brygga.yaml', 'check --online', 'start'))
    .addHelpText('after', `\n${EXIT_HELP}`);
  addHubCommands(program, io, run);
  addNetworkCommands(program, io, run);
  addSettingsCommands(program, io, run);
  addOperatorCommands(program, io, run);
  return program;
}

/** Runs one command. `args` without program name. */
export async function brygga(args: readonly string[], io: Io): Promise<Exit> {
  let exit: Exit = EXIT.ok;
  const program = commandLine(io, async (result) => {
    exit = await result;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}
