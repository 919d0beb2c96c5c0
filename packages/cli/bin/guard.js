// Plain JavaScript on purpose: it must run on a Node that is too old for the rest.
import { writeSync } from 'node:fs';

const NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  const how = 'start it with "npm run brygga -- <command>" in its folder, which brings the right one, or install Node 24';
  writeSync(2, `brygga: this is Node ${process.versions.node}, but Brygga needs ${NEEDED} or newer: ${how}\n`);
  process.exit(1);
}
