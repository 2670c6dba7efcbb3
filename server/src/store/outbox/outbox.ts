import type { Database } from '../postgres/database.ts';
import { ChangeReader } from './changeReader.ts';
import { DeliveryTable } from './deliveryTable.ts';
import { RecentRows } from './recentRows.ts';
import { RelayTable } from './relayTable.ts';

/** What was written, for whoever is to be told of it (decision 0043). */
export class Outbox {
  readonly changes: ChangeReader;
  readonly relay: RelayTable;
  readonly deliveries: DeliveryTable;
  readonly recent = new RecentRows();
  readonly #listeners: (() => void)[] = [];

  constructor(database: Database, schema: string) {
    this.changes = new ChangeReader(database, schema);
    this.relay = new RelayTable(database, schema);
    this.deliveries = new DeliveryTable(database, schema);
  }

  /** To be called after a write of this process: others are heard of a little later. */
  written(): void {
    for (const listener of this.#listeners) listener();
  }

  onWritten(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
