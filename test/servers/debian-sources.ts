import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const DEFAULT_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** One place packages come from, whichever of apt's two file forms named it. */
export interface AptSource {
  uris: string[];
  suites: string[];
  components: string[];
  /** Path of a keyring file; absent when none is named or the key is written out in place. */
  signedBy?: string;
  trusted: boolean;
}

/** Where this machine gets Debian itself from, ready to be combined with other suites. */
export interface DebianMirror {
  uri: string;
  /** Options for a one-line apt source, with brackets and a blank after, or empty. */
  options: string;
}

/** Finds the Debian archive among the machine's apt sources; undefined when there is none. */
export async function debianMirror(etc = '/etc'): Promise<DebianMirror | undefined> {
  const codename = /^VERSION_CODENAME="?([a-z]+)/m.exec(await readText(join(etc, 'os-release')))?.[1];
  const sources = (await aptSources(join(etc, 'apt'))).filter((source) => holdsBase(source, codename));
  const source = sources.find(looksLikeDebian) ?? sources[0];
  const uri = source?.uris[0];
  return source && uri ? { uri, options: sourceOptions(source) } : undefined;
}

/** All sources of an apt configuration folder, in the order apt lists them. */
export async function aptSources(aptFolder: string): Promise<AptSource[]> {
  const partsFolder = join(aptFolder, 'sources.list.d');
  const parts = (await readdir(partsFolder).catch(() => [])).sort();
  const files = [join(aptFolder, 'sources.list'), ...parts.map((name) => join(partsFolder, name))];
  const found: AptSource[] = [];
  for (const file of files) {
    const text = await readText(file);
    if (file.endsWith('.sources')) found.push(...parseStanzas(text));
    else if (file.endsWith('.list')) found.push(...parseLines(text));
  }
  return found;
}

/** Parses the one-line form: `deb [options] uri suite component...`. */
export function parseLines(text: string): AptSource[] {
  const found: AptSource[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (!match) continue;
    const [, options = '', uri = '', suite = '', components = ''] = match;
    const source: AptSource = {
      uris: [uri],
      suites: [suite],
      components: words(components),
      trusted: /\btrusted=yes\b/.test(options),
    };
    const keyring = /\bsigned-by=(\/[^\s,]+)/.exec(options)?.[1];
    found.push(keyring ? { ...source, signedBy: keyring } : source);
  }
  return found;
}

/** Parses the stanza form (deb822): `URIs:`, `Suites:`, `Components:`. */
export function parseStanzas(text: string): AptSource[] {
  const found: AptSource[] = [];
  const plain = text.replace(/^#.*\n?/gm, '');
  for (const stanza of plain.split(/\n\s*\n/)) {
    const field = (name: string): string =>
      new RegExp(`^${name}:((?:.*)(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1]?.trim() ?? '';
    if (!words(field('Types')).includes('deb') || field('Enabled').toLowerCase() === 'no') continue;
    const source: AptSource = {
      uris: words(field('URIs')),
      suites: words(field('Suites')),
      components: words(field('Components')),
      trusted: field('Trusted').toLowerCase() === 'yes',
    };
    const keyring = /^\/\S+/.exec(field('Signed-By'))?.[0];
    found.push(keyring ? { ...source, signedBy: keyring } : source);
  }
  return found;
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

const readText = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** Other publishers decorate the suite (`bookworm-pgdg`) or have no `main`; updates and security do too. */
function holdsBase(source: AptSource, codename: string | undefined): boolean {
  const names = [codename ?? 'stable', 'stable', 'testing', 'unstable', 'sid'];
  return source.components.includes('main') && source.suites.some((suite) => names.includes(suite));
}

const looksLikeDebian = (source: AptSource): boolean =>
  (source.signedBy ?? '').includes('debian-archive') || /\/debian\/?$/.test(source.uris[0] ?? '');

function sourceOptions(source: AptSource): string {
  if (source.trusted) return '[trusted=yes] ';
  return `[signed-by=${source.signedBy ?? DEFAULT_KEYRING}] `;
}
