import {
  IMPORT_MEMORY_LIMIT_BYTES,
  IMPORT_RATIO_TARGET,
  LARGE_MEMORY_LIMIT_BYTES,
  type ImportResult,
} from './result.ts';
import { headLine, mib, number } from './text.ts';

const verdict = (reached: boolean): string => (reached ? 'reached' : 'MISSED');

/** What an import took, as Markdown. */
export const importText = (result: ImportResult): string => {
  const { server, floor, ratio, large, bundles, bytes } = result;
  const floors = floor.passes.map(({ resourcesPerSecond }) => number(resourcesPerSecond)).join(' and ');
  return [
    `# Import, ${result.date.slice(0, 10)}, commit ${result.commit}`,
    headLine(result),
    `${bundles} Synthea bundles, ${number(server.resources)} resources, ${mib(bytes)} MiB of JSON, 4 bundles at a time into an empty store.`,
    [
      `- server: ${number(server.resourcesPerSecond)} resources/s (${number(server.seconds, 1)} s)`,
      `- floor (${floor.label}), before and after: ${floors} resources/s`,
      `- ratio ${number(ratio, 2)} (>= ${IMPORT_RATIO_TARGET}): ${verdict(ratio >= IMPORT_RATIO_TARGET)}`,
      `- memory of the server process while loading: ${mib(server.peakMemoryBytes)} MiB at most (limit ${mib(IMPORT_MEMORY_LIMIT_BYTES)}): ${verdict(server.peakMemoryBytes < IMPORT_MEMORY_LIMIT_BYTES)}`,
      `- a transaction of ${number(large.entries)} entries: ${number(large.seconds, 1)} s, ${mib(large.peakMemoryBytes)} MiB at most (limit ${mib(LARGE_MEMORY_LIMIT_BYTES)}): ${verdict(large.peakMemoryBytes < LARGE_MEMORY_LIMIT_BYTES)}`,
    ].join('\n'),
  ].join('\n\n');
};
