import { sampleYaml } from '@brygga/hub';
import { EXIT, type Exit } from '../exit.ts';
import type { Io } from '../io.ts';

/** `brygga sample`: a settings file with everything in it. */
export function sample(io: Io): Exit {
  io.out(sampleYaml(io.bridges));
  return EXIT.ok;
}
