import path from 'node:path';
import { ObjectCache } from '../archive/cache/objectCache.ts';
import { FileArchive } from '../archive/files/fileArchive.ts';
import type { ObjectFiles } from '../archive/objectFiles.ts';
import type { ObjectCopies } from '../erasure/studyErasures.ts';
import { Renderer } from '../rendering/renderer.ts';
import { MetadataTexts } from '../retrieve/metadataTexts.ts';
import { ObjectReader } from '../retrieve/objectReader.ts';
import { Retrieval } from '../retrieve/retrieval.ts';
import type { Lifetime } from './lifetime.ts';
import type { BridgeParts } from './parts.ts';

/** Of objects that were fetched from an archive elsewhere. */
const CACHE_BYTES_MAX = 4 * 2 ** 30;

/** What objects are read by. */
export interface OpenedRetrieval {
  retrieval: Retrieval;
  files: ObjectFiles;
  /** What is kept of objects besides the archive. */
  copies: readonly ObjectCopies[];
}

/** What viewers get objects by: from the archive's own files, or from a cache of those that it keeps elsewhere. */
export async function openRetrieval(
  { archive, config }: BridgeParts,
  lifetime: Lifetime,
): Promise<OpenedRetrieval> {
  const folder = path.join(config.folder, 'cache');
  const cache =
    archive instanceof FileArchive
      ? undefined
      : await ObjectCache.open({ archive, folder, bytesMax: CACHE_BYTES_MAX });
  const renderer = new Renderer();
  lifetime.atEnd(() => renderer.close());
  const files = cache ?? (archive as FileArchive);
  const texts = new MetadataTexts();
  const retrieval = new Retrieval(new ObjectReader(files), renderer, texts);
  return { retrieval, files, copies: cache ? [cache, texts] : [texts] };
}
