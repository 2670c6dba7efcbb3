const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads the answer of ListObjectsV2. Of its XML only three flat, attribute-free elements matter (the schema
 * allows no nesting, CDATA or comments in them), so that no XML parser is needed here.
 */
export function parseListing(xml: string): { keys: string[]; next: string | undefined } {
  const contents = xml.matchAll(/<Contents>([^]*?)<\/Contents>/g);
  const keys = [...contents].flatMap(([, object]) => element(object ?? '', 'Key') ?? []);
  const truncated = element(xml, 'IsTruncated') === 'true';
  return { keys, next: truncated ? element(xml, 'NextContinuationToken') : undefined };
}

function element(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return found?.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (whole, decimal, hex, entity) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
    return ENTITIES[entity] ?? whole;
  });
}
