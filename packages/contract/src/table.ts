import { FEATURES, type Manifest } from './manifest.ts';

/** The capability table of a manifest in Markdown: what stands in each bridge's README. */
export function capabilityTable(manifest: Manifest): string {
  const rows = FEATURES.map((feature) => {
    const capability = manifest.features[feature];
    return `| ${feature} | ${capability.in} | ${capability.out} | ${capability.note ?? ''} |`;
  });
  return ['| feature | network to hub | hub to network | note |', '|---|---|---|---|', ...rows].join('\n');
}
