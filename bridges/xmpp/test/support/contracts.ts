import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';
import type { Element } from '../../src/stanza.ts';

const FOLDER = join(import.meta.dirname, '../../../../../shared/contracts/xmpp/schemas-repaired');

/** Why nothing can be validated here; null when it can. */
export const contractsMissing: string | null = existsSync(FOLDER)
  ? null
  : 'the contracts are not beside this checkout (../shared/contracts/xmpp)';

const SCHEMA_NS = 'http://www.w3.org/2001/XMLSchema';

/** The published schemas, by the namespace they are for. */
export class Contracts {
  readonly #files = new Map<string, string>();
  readonly #validators = new Map<string, XsdValidator>();
  /** Namespaces that were held against a schema. */
  readonly used = new Set<string>();

  constructor() {
    xmlRegisterFsInputProviders();
    for (const name of readdirSync(FOLDER)) {
      if (!name.endsWith('.xsd') || name.startsWith('support_')) continue;
      const text = readFileSync(join(FOLDER, name), 'utf8');
      const namespace = /targetNamespace=["']([^"']+)["']/.exec(text)?.[1];
      if (namespace !== undefined && text.includes(SCHEMA_NS)) this.#files.set(namespace, join(FOLDER, name));
    }
  }

  /** What is wrong with the payloads of a stanza, in the validator's words. */
  faults(stanza: Element): string[] {
    return stanza.getChildElements().flatMap((child) => this.#payload(child));
  }

  #payload(child: Element): string[] {
    const namespace = child.attrs.xmlns as string | undefined;
    const validator = namespace === undefined ? null : this.#validator(namespace);
    if (namespace === undefined || validator === null) return [];
    this.used.add(namespace);
    using document = XmlDocument.fromString(child.toString());
    try {
      validator.validate(document);
      return [];
    } catch (error) {
      return [`${child.toString()}: ${error instanceof Error ? error.message : ''}`];
    }
  }

  #validator(namespace: string): XsdValidator | null {
    const file = this.#files.get(namespace);
    if (file === undefined) return null;
    const known = this.#validators.get(namespace);
    if (known !== undefined) return known;
    const made = XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(file), { url: file }));
    this.#validators.set(namespace, made);
    return made;
  }
}
