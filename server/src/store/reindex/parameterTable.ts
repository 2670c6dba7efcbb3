import { isDeepStrictEqual } from 'node:util';
import type { Definitions, SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { tableNames } from '../schema/names.ts';
import type { AddedParameter, StoredParameter } from './addedParameter.ts';
import { chooseParameters, isOfR4 } from './chooseParameters.ts';
import { pathFault } from './pathFault.ts';
import { readParameter } from './readParameter.ts';

export interface ParameterRow {
  id: string;
  rid: string;
  version: number;
  definition: string | null;
  fault: string | null;
  types: string[];
  revision: string | null;
  print: string | null;
  ready: boolean;
}

interface ResourceRow {
  id: string;
  rid: string;
  version: number;
  /** Only where it was not looked at yet. */
  content: string | null;
}

const once = (text: string, values: unknown[] = []) => ({ name: '', text, values });

/** A row of the table `search_parameter`. */
export function addedParameter(row: ParameterRow): AddedParameter {
  const { id, rid, version, types, ready } = row;
  const parameter: AddedParameter = { id, rid, version, types, ready };
  if (row.definition !== null) parameter.definition = JSON.parse(row.definition) as SearchParameterDefinition;
  if (row.fault !== null) parameter.fault = row.fault;
  if (row.revision !== null) parameter.revision = Number(row.revision);
  if (row.print !== null) parameter.print = row.print;
  return parameter;
}

/**
 * Brings the table `search_parameter` up to the SearchParameter resources. Where another set of them is used from then on,
 * the index plan gets a new revision, and the types concerned need a walk: all in one transaction, so that writers index
 * by the one set or by the other. It may be called at any time and by several servers at once.
 *
 * @returns those that came to be unused, each with its fault
 */
export async function reconcileParameters(
  database: Database,
  schema: string,
  definitions: Definitions,
): Promise<AddedParameter[]> {
  return database.transaction(async (tx) => {
    const plan = await tx.query(once(`SELECT revision FROM "${schema}".index_plan FOR UPDATE`));
    const revision = Number(plan.rows[0]!.revision) + 1;
    const before = await knownParameters(tx, schema);
    const resources = await storedResources(tx, schema);
    if (isUpToDate(before, resources)) return [];
    const stored = resources.map((row) => storedParameter(definitions, row, before.get(row.id)));
    const { parameters, affected } = chooseParameters(definitions, stored, before, revision);
    await writeParameters(tx, schema, before, parameters);
    if (affected.length > 0) await beginRevision(tx, schema, revision, affected);
    return parameters.filter(({ id, fault }) => fault !== undefined && before.get(id)?.fault !== fault);
  });
}

async function knownParameters(tx: Transaction, schema: string): Promise<Map<string, AddedParameter>> {
  const { rows } = await tx.query(once(`SELECT * FROM "${schema}".search_parameter`));
  return new Map((rows as unknown as ParameterRow[]).map((row) => [row.id, addedParameter(row)]));
}

async function storedResources(tx: Transaction, schema: string): Promise<ResourceRow[]> {
  const { resource } = tableNames(schema, 'SearchParameter');
  const table = await tx.query(once('SELECT to_regclass($1) AS name', [resource]));
  if (table.rows[0]!.name === null) return [];
  const { rows } = await tx.query(
    once(`SELECT m.id, m.rid, m.version, CASE WHEN k.version IS DISTINCT FROM m.version THEN m.content END AS content
          FROM ${resource} m LEFT JOIN "${schema}".search_parameter k ON k.id = m.id
          WHERE m.method <> 'D' ORDER BY m.rid`),
  );
  return rows as unknown as ResourceRow[];
}

function isUpToDate(before: ReadonlyMap<string, AddedParameter>, resources: readonly ResourceRow[]): boolean {
  return (
    before.size === resources.length &&
    resources.every(({ id, version }) => before.get(id)?.version === version)
  );
}

function storedParameter(
  definitions: Definitions,
  { id, rid, version, content }: ResourceRow,
  known: AddedParameter | undefined,
): StoredParameter {
  // What was refused for the sake of another may be used now: only its definition is kept.
  if (content === null) {
    const { definition, fault } = known!;
    return { id, rid, version, ...(definition ? { definition } : { fault: fault! }) };
  }
  const { definition, fault } = readParameter(definitions, JSON.parse(content) as JsonObject);
  if (fault !== undefined) return { id, rid, version, fault };
  const isElsewhere = definition.type === 'composite' || isOfR4(definitions, definition);
  const wrong = isElsewhere ? undefined : pathFault(definitions, definition); // else chooseParameters judges
  return { id, rid, version, ...(wrong === undefined ? { definition } : { fault: wrong }) };
}

/** Only what differs: there may be thousands. */
async function writeParameters(
  tx: Transaction,
  schema: string,
  before: ReadonlyMap<string, AddedParameter>,
  parameters: readonly AddedParameter[],
): Promise<void> {
  const left = new Set(parameters.map(({ id }) => id));
  const changed = parameters.filter((one) => !isDeepStrictEqual(one, before.get(one.id)));
  const rows = changed.map((p) => ({ ...p, definition: p.definition && JSON.stringify(p.definition) }));
  const stale = [...[...before.keys()].filter((id) => !left.has(id)), ...changed.map(({ id }) => id)];
  await tx.query(once(`DELETE FROM "${schema}".search_parameter WHERE id = ANY ($1::text[])`, [stale]));
  await tx.query(
    once(
      `INSERT INTO "${schema}".search_parameter (id, rid, version, definition, fault, types, revision, print, ready)
       SELECT id, rid, version, definition, fault, types, revision, print, ready
       FROM json_populate_recordset(NULL::"${schema}".search_parameter, $1::json)`,
      [JSON.stringify(rows)],
    ),
  );
}

async function beginRevision(
  tx: Transaction,
  schema: string,
  revision: number,
  affected: readonly string[],
): Promise<void> {
  await tx.query(
    once(
      `INSERT INTO "${schema}".reindex AS r (type, needed_by) SELECT type, 1 FROM unnest($1::text[]) AS t(type)
       ON CONFLICT (type) DO UPDATE SET needed_by = r.needed_by + 1, requested = r.requested AND r.finished IS NULL,
         last_rid = 0, done = 0, changed = 0, total = NULL, started = NULL, finished = NULL, fault = NULL`,
      [affected],
    ),
  );
  await tx.query(once(`UPDATE "${schema}".index_plan SET revision = $1, change = change + 1`, [revision]));
}
