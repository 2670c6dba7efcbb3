/** The number in a version id of ours; undefined for anything else, which names no version. */
export function versionNumber(versionId: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(versionId) ? Number(versionId) : undefined;
}
