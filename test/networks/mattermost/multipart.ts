import type { Call } from './call.ts';

export interface Part {
  readonly name: string;
  /** Undefined: a plain field. */
  readonly filename?: string;
  readonly bytes: Buffer;
}

export const isMultipart = (call: Call): boolean =>
  /^multipart\/form-data\b/.test(call.headers['content-type'] ?? '');

/** The parts in the order sent; undefined when the body is none. */
export async function partsOf(call: Call): Promise<Part[] | undefined> {
  try {
    const headers = { 'content-type': call.headers['content-type'] ?? '' };
    const form = await new Response(new Uint8Array(call.raw), { headers }).formData();
    const parts: Part[] = [];
    for (const [name, value] of form.entries()) {
      if (typeof value === 'string') parts.push({ name, bytes: Buffer.from(value) });
      else parts.push({ name, filename: value.name, bytes: Buffer.from(await value.arrayBuffer()) });
    }
    return parts;
  } catch {
    return undefined;
  }
}
