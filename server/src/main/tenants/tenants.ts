import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { FhirError, errorIssue } from '../../fhir/outcome.ts';
import { isCurrent } from '../../store/postgres/migrations/migrate.ts';
import type { Hearing } from '../../store/postgres/notices.ts';
import { TenantTable, tenantChannel, type TenantRow } from '../../store/tenants/tenantTable.ts';
import { describeDefect } from '../defect.ts';
import { Lifetime } from '../lifetime.ts';
import type { Handlers } from '../surface.ts';
import { LeavingFolders } from './leavingFolders.ts';
import { openTenant, type TenantParts } from './openTenant.ts';
import { foldersOf, removeFolder, tenantFolder } from './tenantPlace.ts';
import type { TenantUrl } from './tenantUrl.ts';
import { hasUnfinishedWork } from './unfinishedWork.ts';

/** A tenant without requests for so long, and without work, is closed: an open one takes memory and asks the database each second. */
export const TENANT_IDLE_MS = 10 * 60_000;
/** Beyond so many, those are closed that nobody is asking: each takes some 10 MB. */
export const TENANTS_OPEN_MAX = 50;
/** How often idle ones are looked for. */
const SWEEP_MS = 30_000;
/** How long a tenant that closes, since it is removed, waits for its requests; then they are cut off. */
export const DRAIN_MS_MAX = 1_000;
const DRAIN_POLL_MS = 20;
/** Names of no tenant that are remembered: others are looked up each time. */
const UNKNOWN_MAX = 1_000;

/** A tenant whose store is open, or about to be. */
interface Open {
  row: TenantRow;
  lifetime: Lifetime;
  /** Absent until it is open. */
  handlers?: Handlers;
  opening: Promise<void>;
  /** Answers to requests that are under way. */
  running: Set<ServerResponse>;
  usedAtMs: number;
}

export interface TenantsOptions extends TenantParts {
  idleMs?: number;
}

/** The tenants that this server serves: opened at their first request, closed when nobody asks any more. */
export class Tenants {
  readonly #parts: TenantsOptions;
  readonly #table: TenantTable;
  readonly #hearing: Hearing;
  readonly #open = new Map<string, Open>();
  /** Names that are of no tenant, as long as nothing else is heard. */
  readonly #unknown = new Set<string>();
  /** Counts up with what is heard. */
  #heard = 0;
  /** Those that are being closed. */
  readonly #closing = new Map<Open, Promise<void>>();
  readonly #leaving: LeavingFolders;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: TenantsOptions) {
    this.#parts = parts;
    this.#leaving = new LeavingFolders(parts.folders);
    const { database, notices } = parts.machine;
    this.#table = new TenantTable(database, parts.main.schema);
    this.#hearing = notices.hearing(tenantChannel(parts.main.schema), {
      onNotice: (name) => this.#hear([name]),
      onGap: () => this.#hear([...this.#open.keys(), ...this.#leaving.names]),
    });
  }

  /** Removes what is left of tenants that were removed while this server was down, and goes on with what others have to do. */
  async start(): Promise<void> {
    await this.#hearing.start();
    const rows = await this.#table.all();
    const { folders, idleMs = TENANT_IDLE_MS } = this.#parts;
    const schemas = new Set(rows.map(({ schema }) => schema));
    for (const schema of foldersOf(folders))
      if (!schemas.has(schema)) await removeFolder(tenantFolder(folders, { schema }));
    this.#timer = setInterval(() => void this.#sweep(), Math.min(SWEEP_MS, idleMs));
    this.#timer.unref();
    void this.#resume(rows);
  }

  /** Ends all. Requests should have ended before. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#hearing.stop();
    await Promise.all([...this.#open.values()].map((open) => this.#close(open)));
    await Promise.all(this.#closing.values());
  }

  /**
   * Answers a request for a tenant.
   *
   * @param unknown answers where there is no such tenant, as for any URL at which nothing is
   * @param failed answers where it cannot be said
   */
  answer(
    request: IncomingMessage,
    response: ServerResponse,
    { name, url }: TenantUrl,
    { unknown, failed }: { unknown: () => void; failed: (error: FhirError) => void },
  ): void {
    const open = this.#open.get(name);
    if (open?.handlers && this.#hearing.trusted())
      return this.#serve(open, open.handlers, url, request, response);
    if (this.#unknown.has(name) && this.#hearing.trusted()) return unknown();
    this.#find(name).then(
      (found) => (found ? this.#serve(found, found.handlers!, url, request, response) : unknown()),
      (error: unknown) => failed(error instanceof FhirError ? error : this.#cannotOpen(name, error)),
    );
  }

  /** Serves it no longer, and nothing of it is open when this returns; a later request opens it again, if there is such a tenant still. */
  async close(name: string): Promise<void> {
    const open = this.#open.get(name);
    if (open) await this.#close(open);
    await this.#closed(name);
  }

  #serve(
    open: Open,
    handlers: Handlers,
    url: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    open.running.add(response);
    response.once('close', () => {
      open.running.delete(response);
      open.usedAtMs = performance.now();
    });
    request.url = url;
    if (!handlers.identity(request, response) && !handlers.fhir(request, response))
      handlers.app(request, response);
  }

  /** The tenant of this name, open; undefined where there is none that is served. */
  async #find(name: string): Promise<Open | undefined> {
    const heard = this.#heard;
    const row = await this.#table.find(name);
    if (row === undefined && heard === this.#heard && this.#unknown.size < UNKNOWN_MAX)
      this.#unknown.add(name);
    const known = this.#open.get(name);
    if (known && known.row.schema !== row?.schema) await this.#close(known);
    if (row?.state !== 'ready') return undefined;
    const open = this.#open.get(name) ?? this.#begin(row);
    await open.opening;
    return open;
  }

  #begin(row: TenantRow): Open {
    const lifetime = new Lifetime();
    const opening = openTenant(this.#parts, row, lifetime).then(
      ({ handlers }) => void (open.handlers = handlers),
      async (error: unknown) => {
        if (this.#open.get(row.name) === open) this.#open.delete(row.name);
        await lifetime.end();
        throw error;
      },
    );
    const open: Open = { row, lifetime, opening, running: new Set(), usedAtMs: performance.now() };
    this.#open.set(row.name, open);
    if (this.#open.size > TENANTS_OPEN_MAX) void this.#sweep();
    return open;
  }

  #close(open: Open): Promise<void> {
    if (this.#open.get(open.row.name) === open) this.#open.delete(open.row.name);
    const known = this.#closing.get(open);
    if (known) return known;
    const closing = this.#end(open).finally(() => this.#closing.delete(open));
    this.#closing.set(open, closing);
    return closing;
  }

  /** Waits for those of this name that somebody else closes. */
  async #closed(name: string): Promise<void> {
    const closing = [...this.#closing].filter(([{ row }]) => row.name === name);
    await Promise.all(closing.map(([, closed]) => closed));
  }

  async #end(open: Open): Promise<void> {
    await open.opening.catch(() => undefined); // whoever asked for it was told
    const until = performance.now() + DRAIN_MS_MAX;
    while (open.running.size > 0 && performance.now() < until) await sleep(DRAIN_POLL_MS);
    for (const response of open.running) response.destroy();
    await open.lifetime.end();
  }

  #hear(names: readonly string[]): void {
    this.#heard += 1;
    this.#unknown.clear();
    for (const name of names) this.#tryCheck(name);
  }

  /** Something was announced of a tenant. */
  async #check(name: string): Promise<void> {
    const row = await this.#table.find(name);
    const open = this.#open.get(name);
    const stale = open && (open.row.schema !== row?.schema || row.state !== 'ready') ? open : undefined;
    this.#leaving.note(name, row?.state === 'removing' ? row : stale?.row);
    if (stale) await this.#close(stale);
    await this.#closed(name); // what closes still writes there
    await this.#leaving.removeBut(name, row);
  }

  #tryCheck(name: string): void {
    this.#check(name).catch((error: unknown) => this.#tell(name, error));
  }

  /** Closes those that nobody has asked for a while, and of too many those that nobody has asked for longest. */
  async #sweep(): Promise<void> {
    const { idleMs = TENANT_IDLE_MS, machine } = this.#parts;
    const byUse = [...this.#open.values()].sort((a, b) => a.usedAtMs - b.usedAtMs);
    for (const open of byUse) {
      const isIdle = () =>
        open.handlers !== undefined &&
        open.running.size === 0 &&
        (this.#open.size > TENANTS_OPEN_MAX || performance.now() - open.usedAtMs > idleMs);
      if (!isIdle()) continue;
      try {
        const { database } = machine;
        if (!(await hasUnfinishedWork(database, open.row.schema)) && isIdle()) await this.#close(open);
      } catch (error) {
        this.#tell(open.row.name, error);
      }
    }
  }

  /** Work of a server that ended goes on without a request; after an upgrade all are opened once, and so migrated. */
  async #resume(rows: readonly TenantRow[]): Promise<void> {
    for (const { name, schema, state } of rows) {
      if (state !== 'ready' || this.#parts.machine.stopping.aborted) continue;
      try {
        const { database } = this.#parts.machine;
        if (!(await isCurrent(database, schema)) || (await hasUnfinishedWork(database, schema)))
          await this.#find(name);
      } catch (error) {
        this.#tell(name, error);
      }
    }
  }

  #cannotOpen(name: string, error: unknown): FhirError {
    this.#tell(name, error);
    const text =
      'This store cannot be opened at the moment; the reason is in the log of the server. Try again later.';
    return new FhirError('busy', [errorIssue('transient', text)]);
  }

  #tell(tenant: string, error: unknown): void {
    this.#parts.machine.log.error(
      { tenant, defect: describeDefect(error) },
      'a tenant could not be opened or closed',
    );
  }
}
