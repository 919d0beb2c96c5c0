/** An OpenAPI schema, as far as it is walked here. */
export interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly allOf?: readonly Schema[];
}

export interface Floor {
  /** Fields the server always sends and that are not there, as paths. */
  missing(schema: Schema, value: unknown): string[];
  /** All properties a schema names. */
  properties(schema: Schema): string[];
}

interface Structs {
  readonly structs: Readonly<
    Record<string, { readonly fields: Readonly<Record<string, { readonly omitempty: boolean }>> }>
  >;
}

/** Components that are a struct under another name. */
const ALIASES: Readonly<Record<string, string>> = { UserAccessTokenSanitized: 'UserAccessToken' };

const isRow = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The vendor's schemas demand nothing, so presence is held against the server's own structs: what is not
 * `omitempty` is always sent.
 */
export function floorOf(fields: unknown, components: Readonly<Record<string, Schema>>): Floor {
  const { structs } = fields as Structs;
  const nameOf = (schema: Schema): string | undefined => schema.$ref?.split('/').at(-1);
  const resolved = (schema: Schema): Schema => components[nameOf(schema) ?? ''] ?? schema;

  const own = (schema: Schema, row: Readonly<Record<string, unknown>>, at: string): string[] => {
    const name = nameOf(schema) ?? '';
    const always = Object.entries(structs[ALIASES[name] ?? name]?.fields ?? {});
    const wanted = always.filter(([, { omitempty }]) => !omitempty).map(([field]) => field);
    return wanted.filter((field) => !(field in row)).map((field) => `${at}${field}`);
  };

  const missing = (schema: Schema, value: unknown, at = ''): string[] => {
    const { properties = {}, items, additionalProperties } = resolved(schema);
    if (Array.isArray(value)) {
      return items === undefined ? [] : value.flatMap((one) => missing(items, one, `${at}[]`));
    }
    if (!isRow(value)) return [];
    const rest = typeof additionalProperties === 'object' ? additionalProperties : undefined;
    const inner = Object.entries(value).flatMap(([key, one]) => {
      const next = properties[key] ?? rest;
      return next === undefined ? [] : missing(next, one, `${at}${key}.`);
    });
    return [...new Set([...own(schema, value, at), ...inner])];
  };

  const properties = (schema: Schema): string[] => {
    const { properties: named = {}, allOf = [] } = resolved(schema);
    return [...Object.keys(named), ...allOf.flatMap(properties)];
  };
  return { missing: (schema, value) => missing(schema, value), properties };
}
