import { resolve as resolvePath } from 'node:path';
import type { BridgeKind } from '@brygga/contract';
import { type ChannelId, channelId, type NetworkId, type OrganisationId } from '@brygga/event';
import type { z } from 'zod';
import { type Addressed, linkedTwice } from './addresses.ts';
import { crossCheck, type Draft, type Entry, entriesAt, linksOf, textOf } from './check.ts';
import { parseSettings, type SettingsDocument } from './document.ts';
import { type Setting, valueAt } from './explain.ts';
import { UNREADABLE } from './files.ts';
import { fieldName, inFileOrder, type Path, type Problem } from './problem.ts';
import { type Borrowed, othersRead, type Resolved, resolveValues, type Sources } from './resolve.ts';
import { Settings } from './schema.ts';
import { hidesSomething, type Redact, redactor, type Secret, secretsIn } from './secrets.ts';
import { shapeOf } from './shape.ts';
import { validate } from './validate.ts';

/** A bridge of any protocol, as the composition root lists it. */
export type AnyKind = BridgeKind<unknown>;

/** A network of the settings with its bridge found and its settings read by that bridge's schema. */
export interface LoadedNetwork {
  readonly id: NetworkId;
  readonly kind: AnyKind;
  readonly settings: unknown;
  readonly organisation: OrganisationId;
  /** The channels its links name. */
  readonly channels: readonly ChannelId[];
}

export interface LoadedSettings {
  /** Path of the settings file. */
  readonly file: string;
  readonly settings: Settings;
  readonly networks: ReadonlyMap<NetworkId, LoadedNetwork>;
  /** Takes every secret of these settings out of a text made elsewhere. */
  readonly redact: Redact;
  readonly warnings: readonly Problem[];
}

/** Where the settings of a file come from: for printing them; the hub has no need of it. */
export interface SettingsSource {
  readonly secrets: readonly Secret[];
  /** What stands elsewhere, by field name. */
  readonly borrowed: ReadonlyMap<string, Borrowed>;
  /** The line a setting stands on; null when it was left out (the default holds). */
  line(path: Path): number | null;
}

export type Result =
  | { readonly ok: true; readonly loaded: LoadedSettings; readonly source: SettingsSource }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

export interface LoadOptions extends Sources {
  readonly kinds: readonly AnyKind[];
  /** Permission bits of the settings file, when it is one. */
  readonly mode?: number;
}

interface Load extends Draft, Resolved {
  readonly options: LoadOptions;
  readonly kinds: ReadonlyMap<string, AnyKind>;
  readonly secrets: readonly Secret[];
  readonly redact: Redact;
  /** The links by network. */
  readonly links: ReadonlyMap<string, readonly Entry[]>;
}

/** Reads settings out of the text of a settings file. Errors are values: all problems of the file at once. */
export function loadSettings(text: string, options: LoadOptions): Result {
  const parsed = parseSettings(text);
  if (!parsed.ok) return { ok: false, problems: inFileOrder(parsed.problems), warnings: [] };
  const { document } = parsed;
  const resolved = resolveValues(document, options);
  const kinds = new Map(options.kinds.map((kind) => [kind.manifest.protocol, kind]));
  const secrets = allSecrets(document, resolved, kinds);
  const links = Map.groupBy(
    linksOf({ document, tree: resolved.tree }),
    (link) => textOf(link, 'network') ?? '',
  );
  return judge({ ...resolved, document, options, kinds, secrets, redact: redactor(secrets), links });
}

function allSecrets(
  document: SettingsDocument,
  { tree, borrowed }: Resolved,
  kinds: Load['kinds'],
): Secret[] {
  const ofNetworks = entriesAt({ document, tree }, ['networks']).flatMap((network) => {
    const kind = kinds.get(textOf(network, 'bridge') ?? '');
    const settings = valueAt(network.value, ['settings']);
    return kind === undefined
      ? []
      : secretsIn([shapeOf(kind.settings)], settings, [...network.path, 'settings']);
  });
  const marked = [...secretsIn([shapeOf(Settings)], tree), ...ofNetworks];
  const fields = new Set(marked.map(({ path }) => fieldName(path)));
  // Whoever keeps a value in a file of its own means it to be kept: no mark is needed.
  const files = [...borrowed.values()].filter(
    ({ kind, path }) => kind === 'file' && !fields.has(fieldName(path)),
  );
  return [
    ...marked,
    ...files.map(({ path }): Secret => ({ path, secrecy: 'whole', value: valueAt(tree, path) })),
  ];
}

function judge(load: Load): Result {
  const networks = entriesAt(load, ['networks']).map((entry) => networkOf(load, entry));
  const whole = validate(Settings, settingAt(load, Settings, []));
  const cross = crossCheck(load, [...load.kinds.keys()]);
  const warnings = inFileOrder([...load.warnings, ...cross.warnings, ...literalSecrets(load)]);
  const found = [
    ...cross.problems.map((problem) => ({ ...problem, message: load.redact(problem.message) })),
    ...(whole.ok ? [] : whole.problems),
    ...networks.flatMap((network) => network.problems),
    ...linkedTwice(
      load,
      networks.flatMap((network) => network.addressed),
    ),
  ];
  // What could not be filled in is missing for the schema: that need not be said again.
  const unfilled = new Set(load.problems.flatMap(({ field }) => [field, field.replace(/\.file$/, '')]));
  const problems = inFileOrder([...load.problems, ...found.filter(({ field }) => !unfilled.has(field))]);
  if (!whole.ok || problems.length > 0) return { ok: false, problems, warnings };
  return { ok: true, loaded: loadedOf(load, whole.value, networks, warnings), source: sourceOf(load) };
}

const settingAt = (load: Load, schema: z.ZodType, base: Path): Setting => ({
  ...load,
  shape: shapeOf(schema),
  base,
});

interface NetworkDraft {
  readonly kind: AnyKind | null;
  readonly settings: unknown;
  readonly problems: readonly Problem[];
  readonly addressed: readonly Addressed[];
}

/** Reads a network's own settings by its bridge's schema, and has the bridge judge the channels. */
function networkOf(load: Load, entry: Entry): NetworkDraft {
  const kind = load.kinds.get(textOf(entry, 'bridge') ?? '');
  if (kind === undefined) return { kind: null, settings: null, problems: [], addressed: [] };
  const read = validate(kind.settings, settingAt(load, kind.settings, [...entry.path, 'settings']));
  if (!read.ok) return { kind, settings: null, problems: read.problems, addressed: [] };
  const links = linksTo(load, textOf(entry, 'id'));
  const problems = links.flatMap((link) => channelProblem(load, kind, read.value, link));
  const addressed = problems.length > 0 ? [] : links.flatMap((link) => addressOf(kind, read.value, link));
  return { kind, settings: read.value, problems, addressed };
}

function addressOf(kind: AnyKind, settings: unknown, link: Entry): Addressed[] {
  const address = kind.channelAddress?.(textOf(link, 'channel') ?? '', settings) ?? null;
  return address === null ? [] : [{ address: `${kind.manifest.protocol} ${address}`, link }];
}

const linksTo = (load: Load, network: string | null): readonly Entry[] =>
  network === null ? [] : (load.links.get(network) ?? []);

function channelProblem(load: Load, kind: AnyKind, settings: unknown, link: Entry): Problem[] {
  const channel = textOf(link, 'channel');
  const wrong = channel === null || channel === '' ? null : kind.channelProblem(channel, settings);
  if (wrong === null) return [];
  const path = [...link.path, 'channel'];
  const message = `this is no channel of ${kind.manifest.title}`;
  return [{ ...load.document.place(path), field: fieldName(path), message, remedy: load.redact(wrong) }];
}

const SECRET_REMEDY = `take it from the environment (\${NAME}) or a file ({ file: path }), or make the file yours alone: chmod 600`;

/** Secrets written into a settings file that others can read. */
function literalSecrets(load: Load): Problem[] {
  if (load.options.mode === undefined || !othersRead(load.options.mode)) return [];
  return load.secrets
    .filter(
      (secret) =>
        secret.value !== undefined && hidesSomething(secret) && !load.borrowed.has(fieldName(secret.path)),
    )
    .map(({ path }) => ({
      ...load.document.place(path),
      field: fieldName(path),
      message: 'a secret stands in the settings file, which other users of this machine can read',
      remedy: SECRET_REMEDY,
    }));
}

function loadedOf(
  load: Load,
  settings: Settings,
  drafts: readonly NetworkDraft[],
  warnings: readonly Problem[],
): LoadedSettings {
  const networks = settings.networks.flatMap((network, index): LoadedNetwork[] => {
    const draft = drafts[index];
    if (draft === undefined || draft.kind === null) return [];
    const { id, organisation } = network;
    const channels = linksTo(load, id).map((link) => channelId(textOf(link, 'channel') ?? ''));
    return [{ id, kind: draft.kind, settings: draft.settings, organisation, channels }];
  });
  const byId = new Map(networks.map((network) => [network.id, network]));
  return { file: load.options.file, settings, networks: byId, redact: load.redact, warnings };
}

const sourceOf = ({ secrets, borrowed, document }: Load): SettingsSource => ({
  secrets,
  borrowed,
  line: (path) => (document.has(path) ? document.place(path).line : null),
});

/** Bytes a settings file may have: 20,000 rooms are about a tenth of it. */
const SETTINGS_BYTES_MAX = 64 * 1024 * 1024;

/** Reads and loads the settings file at `path`. */
export function readSettings(path: string, options: Omit<LoadOptions, 'file' | 'mode'>): Result {
  const file = resolvePath(path);
  const answer = options.readFile(file, SETTINGS_BYTES_MAX);
  if (answer.ok) return loadSettings(answer.text, { ...options, file, mode: answer.mode });
  const { message, remedy } = UNREADABLE[answer.why];
  const begin = answer.why === 'missing' ? `${remedy}; begin from: brygga sample > ${path}` : remedy;
  return { ok: false, problems: [{ line: 1, column: 1, field: '', message, remedy: begin }], warnings: [] };
}
