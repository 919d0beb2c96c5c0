import type { House } from './house.ts';

const labelled = (labels: Readonly<Record<string, string>>): string[] =>
  Object.entries(labels).map(([name, value]) => `${name}="${value}"`);

/** The sum of a counter of the hub's /metrics over all series that have these labels. */
export async function metric(
  house: Pick<House, 'statusUrl'>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await (await fetch(`${house.statusUrl}/metrics`)).text();
  const wanted = labelled(labels);
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
