import type { ReleaseHeader } from '../../store/terminology/releaseSystems.ts';
import type { ReleaseRow } from '../../store/terminology/releaseWriter.ts';

/** One file of a release, and what its lines say. */
export interface ReleaseStep {
  name: string;
  file: string;
  /** Tells fields apart: tabs (RF2), bars (RRF), or commas with quotes (LOINC). */
  separator: '\t' | '|' | ',';
  /** Whether the first line has the names of the columns; then fields are asked for by name. */
  hasHeader: boolean;
  read(field: (name: string | number) => string): ReleaseRow[];
}

/** A release in its own file format, recognised by the names of its files. */
export interface Release {
  url: string;
  version: string | undefined;
  header: Omit<ReleaseHeader, 'url' | 'version' | 'count'>;
  /** In the order in which they must be read: concepts first. */
  steps: ReleaseStep[];
}
