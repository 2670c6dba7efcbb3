const DAY_MS = 86_400_000;

/** What is older than this when it is written is history that was brought in, and no news. */
export const NEWS_MAX_AGE_DAYS = 7;

/**
 * Did something happen lately, by its own time, when this version of it was written?
 *
 * @param happened when it happened; where nobody has said, it is news
 */
export function isNews(happened: string | undefined, { meta }: { meta?: { lastUpdated?: string } }): boolean {
  const happenedMs = Date.parse(happened ?? '');
  const writtenMs = Date.parse(meta?.lastUpdated ?? '');
  if (Number.isNaN(happenedMs) || Number.isNaN(writtenMs)) return true;
  return writtenMs - happenedMs <= NEWS_MAX_AGE_DAYS * DAY_MS;
}
