export { EXIT, type Exit } from './exit.ts';
export type { HubDoor, Io } from './io.ts';
export { runProcess } from './process.ts';
export { brygga } from './program.ts';
