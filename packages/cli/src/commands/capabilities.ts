import { capabilityTable, type Limits, type Manifest } from '@brygga/contract';
import { suggestion } from '@brygga/hub';
import { EXIT, type Exit } from '../exit.ts';
import type { Io } from '../io.ts';

const PEOPLE: Readonly<Record<Manifest['people'], string>> = {
  ghosts: 'a user of their own for each',
  perMessage: 'a name set on each message',
  nameLine: 'a bold name line in the text',
};

const UNITS = [
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
] as const;

function bytes(count: number): string {
  const unit = UNITS.find(([, size]) => count >= size && count % size === 0);
  return unit === undefined ? `${count} bytes` : `${count / unit[1]} ${unit[0]}`;
}

const HOUR_MS = 3_600_000;

const limitLines = (limits: Limits): string[] => [
  `text of one message: ${bytes(limits.textBytes)}, at most ${limits.partsMax} parts`,
  `edits: ${limits.editAgeMs === null ? 'at any age' : `up to ${limits.editAgeMs / HOUR_MS} hours old`}`,
  `files: ${bytes(limits.fileBytes)}`,
  `reactions: ${limits.reactions === 'any' ? 'any' : 'Unicode emoji only'}`,
];

function chapter(manifest: Manifest): string {
  const specifications = manifest.specifications.map(({ id, version }) => `${id} ${version}`);
  return [
    `# ${manifest.title} (${manifest.protocol})`,
    '',
    `- specifications: ${specifications.length === 0 ? 'none' : specifications.join(', ')}`,
    `- people from elsewhere: ${PEOPLE[manifest.people]}`,
    ...limitLines(manifest.limits).map((line) => `- ${line}`),
    '',
    capabilityTable(manifest),
    '',
  ].join('\n');
}

/** `brygga capabilities`: what each bridge can carry, from its manifest. */
export function capabilities(bridge: string | undefined, io: Io): Exit {
  const manifests = io.bridges.map(({ kind }) => kind.manifest);
  const wanted = manifests.filter(({ protocol }) => bridge === undefined || protocol === bridge);
  if (bridge !== undefined && wanted.length === 0) {
    const known = manifests.map(({ protocol }) => protocol);
    io.err(`brygga: there is no bridge "${bridge}": ${suggestion(bridge, known, 'bridges')}\n`);
    return EXIT.usage;
  }
  io.out(`${wanted.map(chapter).join('\n')}`);
  return EXIT.ok;
}
