import { stringify } from 'yaml';
import type { AnyKind } from './load.ts';
import { Settings } from './schema.ts';
import { childrenOf } from './secrets.ts';
import { formOf, type Shape, shapeAt, shapeOf } from './shape.ts';

/** A bridge in the sample: `settings` and `channel` are examples for what has no default. */
export interface SampleBridge {
  readonly kind: AnyKind;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly channel: string;
}

/** A line of the sample: a comment, or a setting that holds (or, `off`, is only shown). */
interface Line {
  readonly indent: number;
  readonly text: string;
  readonly note: boolean;
  readonly off: boolean;
}

/** How an entry is written. `brief`: no comments, and only what is given. `variables`: prefix for secrets. */
interface Manner {
  readonly indent: number;
  readonly off: boolean;
  readonly brief: boolean;
  readonly variables: string;
}

const WIDTH = 100;

const render = ({ indent, text, note, off }: Line): string =>
  `${' '.repeat(indent)}${note ? '# ' : off ? '#' : ''}${text}`;

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const notes = (text: string, { indent, off }: Manner): Line[] =>
  wrapped(text, WIDTH - indent).map((line) => ({ indent, text: line, note: true, off }));

const sentence = (text: string): string =>
  text === '' ? '' : `${capital(text)}${/[.?!]$/.test(text) ? '' : '.'}`;

/** A value explained (`none: …`) keeps its spelling. */
const capital = (text: string): string =>
  /^[a-z]+(?:[ ,.(]|$)/.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;

const inline = (value: unknown): string =>
  stringify(value, { lineWidth: 0, collectionStyle: 'flow' }).trimEnd();

const isSection = (shape: Shape): boolean =>
  shape.fields.size > 0 || shape.forms.some((form) => form.fields.size > 0);

/** Description, form, unit, default: everything the schema knows of a setting. */
function about(shape: Shape, required: boolean, manner: Manner): Line[] {
  if (manner.brief) return [];
  const description = notes(sentence(shape.description ?? ''), manner).filter(({ text }) => text !== '');
  if (isSection(shape) || (shape.kind === 'list' && shape.items !== null && isSection(shape.items)))
    return description;
  const usual = shape.usual === undefined ? 'Optional.' : `Default: ${inline(shape.usual)}`;
  const secret = shape.secret === 'whole' ? ' Secret.' : '';
  return [
    ...description,
    ...notes(`${sentence(formOf(shape))}${secret} ${required ? 'Required.' : usual}`, manner),
  ];
}

const snake = (text: string): string =>
  text
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z\d]+/g, '_')
    .toUpperCase();

/** Something of the right form, where neither an example nor a default is known. */
function placeholder(name: string, shape: Shape, manner: Manner): unknown {
  if (shape.secret !== null) return `\${${manner.variables}${snake(name)}}`;
  const kind = shape.forms[0]?.kind ?? shape.kind;
  if (kind === 'choice') return shape.choices[0];
  if (kind === 'number' || kind === 'integer') return 1;
  if (kind === 'boolean') return false;
  if (kind === 'list') return [];
  return kind === 'mapping' ? {} : 'CHANGE-ME';
}

const given = (value: unknown, name: string): unknown =>
  childrenOf(value).find(([part]) => part === name)?.[1];

/** The lines of a mapping: each setting with its comments. */
function mapping(shape: Shape, value: unknown, manner: Manner): Line[] {
  const [first, ...others] = shape.forms;
  if (shape.fields.size === 0 && first !== undefined) {
    const off = { ...manner, off: true };
    const instead = manner.brief
      ? []
      : others.flatMap((form) => [
          ...notes('Or, in place of the settings above:', manner),
          ...mapping(form, undefined, off),
        ]);
    return [...mapping(first, value, manner), ...instead];
  }
  return [...shape.fields].flatMap(([name, field]) =>
    entry(name, field, shape.required.has(name), value, manner),
  );
}

function entry(name: string, field: Shape, required: boolean, whole: unknown, manner: Manner): Line[] {
  const value = given(whole, name);
  const holds = value !== undefined || required || (isSection(field) && field.usual !== undefined);
  if (!holds && manner.brief) return [];
  const inner = { ...manner, off: manner.off || !holds };
  return [...about(field, required, inner), ...setting(name, field, value, inner)];
}

function setting(name: string, field: Shape, value: unknown, manner: Manner): Line[] {
  const line = (text: string): Line => ({ indent: manner.indent, text, note: false, off: manner.off });
  const deeper = { ...manner, indent: manner.indent + 2 };
  if (isSection(field)) return [line(`${name}:`), ...mapping(field, value, deeper)];
  const { items } = field;
  if (field.kind === 'list' && items !== null && isSection(items)) {
    const entries = Array.isArray(value) ? value : [undefined];
    return [
      line(`${name}:`),
      ...entries.flatMap((one: unknown, index) =>
        item(items, one, { ...deeper, brief: manner.brief || index > 0 }),
      ),
    ];
  }
  return [line(`${name}: ${inline(toShow(name, field, value, manner))}`)];
}

function toShow(name: string, field: Shape, value: unknown, manner: Manner): unknown {
  const shown = [value, field.usual, field.example].find((candidate) => candidate !== undefined);
  return shown === undefined ? placeholder(name, field, manner) : shown;
}

/** What must be there first: else the dash of a list's entry would stand before something left out. */
function requiredFirst(shape: Shape): Shape {
  const fields = [...shape.fields].sort(
    ([a], [b]) => Number(shape.required.has(b)) - Number(shape.required.has(a)),
  );
  return { ...shape, fields: new Map(fields) };
}

/** An entry of a list: its first setting gets the dash; comments before that stand above it. */
function item(shape: Shape, value: unknown, manner: Manner): Line[] {
  const lines = mapping(requiredFirst(shape), value, { ...manner, indent: manner.indent + 2 });
  const first = lines.findIndex(({ note }) => !note);
  return lines.map((line, index) => {
    if (index > first) return line;
    return { ...line, indent: manner.indent, text: index === first ? `- ${line.text}` : line.text };
  });
}

const ORGANISATIONS = [
  { id: 'skv', name: 'Skatteverket' },
  { id: 'msb', name: 'Myndigheten för samhällsskydd och beredskap' },
  { id: 'fk', name: 'Försäkringskassan' },
];

const HEAD = [
  'Sample settings of Brygga, with every setting there is. Made by: npm run --silent brygga -- sample',
  'A line that begins with # and a name shows a default: remove the # to change it.',
  `Any text may be taken from the environment, "\${NAME}" (write $\${ where \${ itself is meant), or from a file,`,
  '{ file: path }, relative to this one. After a change: brygga check',
];

interface SampleNetwork extends SampleBridge {
  readonly id: string;
  readonly organisation: string;
}

function networks(bridges: readonly SampleBridge[]): SampleNetwork[] {
  return bridges.map((bridge, index) => {
    const organisation = ORGANISATIONS[index % ORGANISATIONS.length]?.id ?? '';
    return { ...bridge, organisation, id: `${organisation}-${bridge.kind.manifest.protocol}` };
  });
}

/** A network with its bridge's own settings; what every network has is commented once. */
function networkLines({ id, kind, organisation, settings }: SampleNetwork, index: number): Line[] {
  const general = shapeAt(shapeOf(Settings), ['networks', 0]) ?? shapeOf(Settings);
  const shape = { ...general, fields: new Map([...general.fields, ['settings', shapeOf(kind.settings)]]) };
  const manner = { indent: 2, off: false, brief: false, variables: `${snake(id)}_` };
  const lines = item(shape, { id, bridge: kind.manifest.protocol, organisation, settings }, manner);
  const own = lines.findIndex(({ text }) => text === 'settings:');
  const title = notes(`${kind.manifest.title}:`, manner);
  return [...title, ...lines.filter(({ note }, at) => index === 0 || at >= own || !note)];
}

/** A settings file with every setting, its default, description and unit, made from the schemas. */
export function sampleYaml(bridges: readonly SampleBridge[]): string {
  const all = networks(bridges);
  const links = all.map(({ id, channel }) => ({ network: id, channel }));
  const organisations = ORGANISATIONS.slice(0, all.length);
  const tree = { organisations, rooms: [{ id: 'situation', name: 'Situation', links }] };
  const manner = { indent: 0, off: false, brief: false, variables: 'BRYGGA_' };
  const sections = [...shapeOf(Settings).fields].map(([name, field]) => {
    if (name !== 'networks') return entry(name, field, true, tree, manner);
    const head = { indent: 0, text: 'networks:', note: false, off: false };
    return [...about(field, true, manner), head, ...all.flatMap(networkLines)];
  });
  const text = sections.map((lines) => lines.map(render).join('\n')).join('\n\n');
  return `${HEAD.map((line) => `# ${line}`).join('\n')}\n\n${text}\n`;
}
