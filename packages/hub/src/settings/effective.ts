import { linkId } from '@brygga/event';
import { Document, isScalar } from 'yaml';
import type { LoadedSettings, SettingsSource } from './load.ts';
import { fieldName, type Path } from './problem.ts';
import { childrenOf, maskTree } from './secrets.ts';

/** The settings as they are in effect: defaults, link ids and the bridges' own settings filled in. */
function inEffect({ settings, networks }: LoadedSettings): unknown {
  return {
    ...settings,
    networks: settings.networks.map((network) => ({
      ...network,
      settings: networks.get(network.id)?.settings ?? network.settings,
    })),
    rooms: settings.rooms.map((room) => ({
      ...room,
      links: room.links.map((link) => ({ ...link, id: link.id ?? linkId(link.network) })),
    })),
  };
}

/** The settings in effect as plain data in which every secret is masked: the only form fit for printing. */
export const maskSecrets = (loaded: LoadedSettings, source: SettingsSource): unknown =>
  maskTree(source.secrets, loaded.redact, inEffect(loaded));

function originOf(source: SettingsSource, path: Path): string {
  const from = source.borrowed.get(fieldName(path));
  if (from?.kind === 'environment') return `from \${${from.names.join('}, ${')}}`;
  if (from?.kind === 'file') return `from the file ${from.file}`;
  const line = source.line(path);
  return line === null ? 'default' : `line ${line}`;
}

/** The settings in effect as YAML, secrets masked, behind every value where it comes from. */
export function effectiveYaml(loaded: LoadedSettings, source: SettingsSource): string {
  const tree = maskSecrets(loaded, source);
  const document = new Document(tree, { aliasDuplicateObjects: false });
  const mark = (value: unknown, path: Path): void => {
    const children = childrenOf(value);
    for (const [part, child] of children) mark(child, [...path, part]);
    const node = document.getIn(path, true);
    if (children.length === 0 && isScalar(node)) node.comment = ` ${originOf(source, path)}`;
  };
  mark(tree, []);
  return document.toString({ lineWidth: 0 });
}
