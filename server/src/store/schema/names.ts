/** Quoted, qualified names of a resource type's tables: plain string building, over names that were checked. */
export interface TableNames {
  /** One row a resource: current version, index columns. */
  resource: string;
  /** Superseded versions. */
  history: string;
  /** Code-like keys with the main date, for sorted walks. */
  ordered: string;
  strings: string;
  ranges: string;
}

const TYPE_NAME = /^[A-Z][A-Za-z]{1,40}$/;

/** The tables of a resource type in a schema. The names become SQL, so anything unusual is refused. */
export function tableNames(schema: string, type: string): TableNames {
  if (!TYPE_NAME.test(type)) throw new Error(`not a resource type name: ${type}`);
  const base = type.toLowerCase();
  const name = (suffix: string) => `"${schema}"."${base}${suffix}"`;
  return {
    resource: name(''),
    history: name('_history'),
    ordered: name('_ordered'),
    strings: name('_strings'),
    ranges: name('_ranges'),
  };
}
