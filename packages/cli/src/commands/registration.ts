import type { LoadedNetwork } from '@brygga/hub';
import { EXIT, type Exit } from '../exit.ts';
import type { Io } from '../io.ts';
import { networkOrNull } from '../network.ts';
import { type ConfigOption, settingsOrNull } from '../settings.ts';
import { reasonOf } from '../text.ts';

export interface RegistrationOptions extends ConfigOption {
  readonly out?: string;
}

/** `brygga registration`: what the administrator of a network's server puts there. It holds secrets. */
export function registration(id: string, options: RegistrationOptions, io: Io): Exit {
  const opened = settingsOrNull(options, io);
  if (opened === null) return EXIT.problem;
  const network = networkOrNull(id, opened.loaded, io);
  if (network === null) return EXIT.usage;
  try {
    return give(network, options, io);
  } catch (error) {
    io.err(`brygga: no registration written: ${reasonOf(error, opened.loaded.redact)}\n`);
    return EXIT.problem;
  }
}

function give({ id, kind, settings }: LoadedNetwork, { out }: RegistrationOptions, io: Io): Exit {
  const text = kind.registration?.(id, settings);
  if (text === undefined) {
    io.err(`${id}: a network of ${kind.manifest.title} needs no registration\n`);
  } else if (out === undefined) {
    io.out(text.endsWith('\n') ? text : `${text}\n`);
  } else {
    io.writePrivate(out, text);
    io.err(`${out} written. It holds secrets: only you can read it; give the server's user the right to.\n`);
  }
  return EXIT.ok;
}
