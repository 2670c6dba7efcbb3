import type { Client } from 'pg';
import type { DataPlan } from '../data/plan.ts';
import { resources } from '../data/resources.ts';
import { storedText, updatedOf } from './floor/stored.ts';
import { createTableSql, insertSql, type FloorTable, type FloorValue } from './floor/table.ts';
import { FLOOR_TABLES } from './floor/tables.ts';

const ROWS_PER_INSERT = 1_000;

/** Rows on their way into a table, sent many at a time. */
class Filler {
  readonly table: FloorTable;
  readonly #client: Client;
  #rows: FloorValue[][] = [];

  constructor(client: Client, table: FloorTable) {
    this.#client = client;
    this.table = table;
  }

  async add(rows: FloorValue[][]): Promise<void> {
    this.#rows.push(...rows);
    if (this.#rows.length >= ROWS_PER_INSERT) await this.flush();
  }

  async flush(): Promise<void> {
    const columns = Object.keys(this.table.columns).map((_, at) => this.#rows.map((row) => row[at]));
    this.#rows = [];
    await this.#client.query(insertSql(this.table), columns);
  }
}

/** Makes the floors' tables anew, with what they hold of the plan; their indexes come last. */
export const loadFloorTables = async (client: Client, plan: DataPlan): Promise<void> => {
  await client.query('DROP SCHEMA IF EXISTS floor CASCADE; CREATE SCHEMA floor;');
  for (const table of FLOOR_TABLES) await client.query(createTableSql(table));
  const fillers = FLOOR_TABLES.map((table) => new Filler(client, table));
  let place = 0;
  for (const resource of resources(plan)) {
    const updated = updatedOf(place);
    const text = storedText(resource, updated);
    const url = `${resource.resourceType}/${resource.id}`;
    for (const filler of fillers) await filler.add(filler.table.rows({ resource, url, updated, text }));
    place += 1;
  }
  for (const filler of fillers) {
    await filler.flush();
    const { name, indexes = [] } = filler.table;
    for (const index of indexes) await client.query(`CREATE INDEX ON floor.${name} (${index})`);
  }
};
