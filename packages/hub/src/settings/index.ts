export { effectiveYaml, maskSecrets } from './effective.ts';
export { type Environment, environment } from './environment.ts';
export { type FileAnswer, type ReadFile, readFileFromDisk } from './files.ts';
export {
  type AnyKind,
  type LoadedNetwork,
  type LoadedSettings,
  type LoadOptions,
  loadSettings,
  type Result,
  readSettings,
  type SettingsSource,
} from './load.ts';
export { nearest, suggestion } from './nearest.ts';
export { fieldName, type Path, type Place, type Problem, problemText } from './problem.ts';
export { type SampleBridge, sampleYaml } from './sample.ts';
export { type LinkSettings, type NetworkSettings, type RoomSettings, Settings } from './schema.ts';
export { MASK, type Redact } from './secrets.ts';
