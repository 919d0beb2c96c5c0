import { FEATURES, type Feature, type Manifest } from '@brygga/contract';
import { matrix } from '@brygga/matrix';
import { xmpp } from '@brygga/xmpp';
import { PEOPLE, type Side } from './script.ts';

const MANIFESTS: Readonly<Record<Side, Manifest>> = {
  matrix: matrix.manifest,
  xmpp: xmpp.manifest,
};

interface Count {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** The series of one counter of a Prometheus page that are not 0. */
export function seriesOf(page: string, name: string): Count[] {
  return page.split('\n').flatMap((line): Count[] => {
    const found = /^(\w+)\{(.*)\} (\S+)$/.exec(line);
    const [, counter, labels = '', value] = found ?? [];
    if (counter !== name || Number(value) === 0) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return [{ labels: new Map(pairs.map(([, key = '', word = '']) => [key, word])), value: Number(value) }];
  });
}

const featureOf = (word: string): Feature | undefined => FEATURES.find((feature) => feature === word);

/** What the hub counts as carried in another form, withheld or given up, in words; empty when nothing was. */
export function lossesOf(page: string): string[] {
  const system = (link: string): string => sideOf(link)?.system ?? link;
  const degraded = seriesOf(page, 'brygga_degraded_total').map(({ labels, value }) => {
    const link = labels.get('link') ?? '';
    const feature = labels.get('feature') ?? '';
    const note = noteOf(link, feature);
    return `${feature} on ${system(link)}, ${value}×${note === undefined ? '' : `: ${note}`}`;
  });
  const withheld = seriesOf(page, 'brygga_withheld_total').map(
    ({ labels, value }) =>
      `${labels.get('feature')} withheld from ${system(labels.get('link') ?? '')}, ${value}× (${labels.get('reason')})`,
  );
  const dead = seriesOf(page, 'brygga_dead_letters_total').map(
    ({ labels, value }) =>
      `given up on ${system(labels.get('link') ?? '')}, ${value}× (${labels.get('code')})`,
  );
  return [...degraded, ...withheld, ...dead];
}

const sideOf = (link: string) => Object.values(PEOPLE).find(({ network }) => network === link);

function noteOf(link: string, word: string): string | undefined {
  const feature = featureOf(word);
  const side = link === PEOPLE.matrix.network ? 'matrix' : link === PEOPLE.xmpp.network ? 'xmpp' : undefined;
  return feature === undefined || side === undefined ? undefined : MANIFESTS[side].features[feature].note;
}
