import { z } from 'zod';

/** How a secret is masked: whole, or (an address such as the bus's) only credentials and query. */
export type Secrecy = 'whole' | 'url';

/** What a setting may hold, read off its zod schema as plain data: for remedies, masking and the sample. */
export interface Shape {
  readonly kind:
    | 'text'
    | 'number'
    | 'integer'
    | 'boolean'
    | 'choice'
    | 'list'
    | 'mapping'
    | 'null'
    | 'anything';
  readonly description: string | null;
  /** Undefined: there is none. */
  readonly usual: unknown;
  readonly example: unknown;
  readonly unit: string | null;
  readonly secret: Secrecy | null;
  readonly choices: readonly string[];
  readonly range: string | null;
  readonly fields: ReadonlyMap<string, Shape>;
  readonly required: ReadonlySet<string>;
  /** Of a list's items, or of the values of a mapping with free keys. */
  readonly items: Shape | null;
  /** The forms of a setting that may have several. */
  readonly forms: readonly Shape[];
}

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const jsonOr = (value: unknown): Json => (isJson(value) ? value : {});
const listOr = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const UNIT_ENDINGS: readonly (readonly [RegExp, string])[] = [
  [/days$/i, 'days'],
  [/hours$/i, 'hours'],
  [/minutes$/i, 'minutes'],
  [/seconds$/i, 'seconds'],
  [/(?:Ms|Milliseconds)$/, 'milliseconds'],
  [/bytes$/i, 'bytes'],
];

/** Numbers carry their unit in the name; a schema may name another one by `.meta({ unit })`. */
const unitOf = (json: Json, name: string): string | null =>
  textOr(json.unit) ?? UNIT_ENDINGS.find(([ending]) => ending.test(name))?.[1] ?? null;

const bound = (value: unknown): number | null =>
  typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : null;

function rangeOf(json: Json): string | null {
  const least = bound(json.minimum);
  const above = bound(json.exclusiveMinimum);
  const most = bound(json.maximum);
  const below = bound(json.exclusiveMaximum);
  if (least !== null && most !== null) return `${least} to ${most}`;
  const parts = [
    ...(least === null ? [] : [`at least ${least}`]),
    ...(above === null ? [] : [`above ${above}`]),
    ...(most === null ? [] : [`at most ${most}`]),
    ...(below === null ? [] : [`below ${below}`]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

const KINDS: Readonly<Record<string, Shape['kind']>> = {
  string: 'text',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  array: 'list',
  object: 'mapping',
  null: 'null',
};

const secrecyOf = (json: Json): Secrecy | null =>
  json.secret === 'url' ? 'url' : json.secret === true ? 'whole' : null;

function fromJson(json: Json, name: string): Shape {
  const choices = [...listOr(json.enum), ...('const' in json ? [json.const] : [])].map(String);
  const items = isJson(json.items) ? json.items : json.additionalProperties;
  return {
    kind: choices.length > 0 ? 'choice' : (KINDS[textOr(json.type) ?? ''] ?? 'anything'),
    description: textOr(json.description),
    usual: json.default,
    example: listOr(json.examples)[0],
    unit: unitOf(json, name),
    secret: secrecyOf(json),
    choices,
    range: rangeOf(json),
    fields: new Map(
      Object.entries(jsonOr(json.properties)).map(([key, field]) => [key, fromJson(jsonOr(field), key)]),
    ),
    required: new Set(listOr(json.required).map(String)),
    items: isJson(items) ? fromJson(items, name) : null,
    forms: [...listOr(json.anyOf), ...listOr(json.oneOf), ...listOr(json.allOf)].map((form) =>
      fromJson(jsonOr(form), name),
    ),
  };
}

const known = new WeakMap<z.ZodType, Shape>();

/** The shape of what a schema takes in. Worked out once per schema. */
export function shapeOf(schema: z.ZodType): Shape {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const shape = fromJson(jsonOr(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })), '');
  known.set(schema, shape);
  return shape;
}

/** The shapes that `part` may have below `shape`: several when there are several forms. */
export function below(shape: Shape, part: string | number): Shape[] {
  const own = typeof part === 'number' ? shape.items : (shape.fields.get(part) ?? freeKey(shape));
  return [...(own === null ? [] : [own]), ...shape.forms.flatMap((form) => below(form, part))];
}

const freeKey = (shape: Shape): Shape | null => (shape.kind === 'mapping' ? shape.items : null);

/** The first shape at `path`, or null where the schema knows none. */
export function shapeAt(shape: Shape, path: readonly (string | number)[]): Shape | null {
  return path.reduce<Shape[]>((at, part) => at.flatMap((one) => below(one, part)), [shape])[0] ?? null;
}

/** Names of the fields a mapping of this shape may have. */
export const fieldsOf = (shape: Shape): string[] => [
  ...shape.fields.keys(),
  ...shape.forms.flatMap((form) => fieldsOf(form)),
];

const KIND_NAMES: Readonly<Record<Shape['kind'], string>> = {
  text: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  choice: 'one of',
  list: 'a list',
  mapping: 'a mapping (lines of "name: value")',
  null: 'null',
  anything: 'a value',
};

/** What to write, in words: `a whole number, 0 to 65535`, `one of en, sv`. */
export function formOf(shape: Shape): string {
  if (shape.kind === 'choice')
    return shape.choices.length === 1 ? `the word ${shape.choices[0]}` : `one of ${shape.choices.join(', ')}`;
  if (shape.forms.length > 0) return [...new Set(shape.forms.map(formOf))].join(', or ');
  if (shape.kind === 'list' && shape.items !== null && shape.items.fields.size === 0)
    return `a list (${formOf(shape.items)})`;
  const unit = shape.unit === null || !KIND_NAMES[shape.kind].endsWith('number') ? '' : ` of ${shape.unit}`;
  return `${KIND_NAMES[shape.kind]}${unit}${shape.range === null ? '' : `, ${shape.range}`}`;
}
