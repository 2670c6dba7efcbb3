import { setTimeout as sleep } from 'node:timers/promises';
import type { Definitions } from '../../fhir/definitions/types.ts';
import { isBusy } from '../../fhir/outcome.ts';
import type { Database } from '../postgres/database.ts';
import type { Log } from '../postgres/log.ts';
import type { ResourceTypes } from '../schema/resourceTypes.ts';
import { INDEX_BASE_SETTING, INDEX_FORM, INDEX_FORM_SETTING, Settings } from '../settings.ts';
import type { AddedParameter } from './addedParameter.ts';
import { isOfR4 } from './chooseParameters.ts';
import type { IndexPlans } from './indexPlans.ts';
import { addedParameter, reconcileParameters, type ParameterRow } from './parameterTable.ts';
import { together } from './together.ts';
import { Walks, type Walk } from './walks.ts';
import { WalkWorker } from './walkWorker.ts';

/** How often a server asks for changes that others made. Nothing depends on it but how soon it knows of them. */
const REFRESH_MS = 1_000;
/** How often the resources themselves are looked at: another server may have stored one and died before it took it over. */
const RECONCILE_MS = 30_000;
/** How long a batch may take to end when the server stops; one that waits for a lock is given up with its connection. */
const STOP_MS_MAX = 500;
/** The walk leaves as much time to others as it takes. */
const PAUSE_RATIO = 1;

export interface ReindexingParts {
  database: Database;
  schema: string;
  /** FHIR's own. */
  definitions: Definitions;
  plans: IndexPlans;
  types: ResourceTypes;
  /** Absolute URL of the FHIR base. */
  base: string;
  log: Log;
}

/** How complete the index is. */
export interface ReindexStatus {
  /** Each type that needed a walk once. */
  walks: Walk[];
  /** Each SearchParameter resource, whether it is used or not. */
  parameters: AddedParameter[];
  /** Why all types need a walk: what their rows were written for, and are not any more. */
  outdated: string[];
}

/** Keeps the index of a store in step with its search parameters, its form and the server's address. */
export class Reindexing {
  readonly #parts: ReindexingParts;
  readonly #settings: Settings;
  readonly #walks: Walks;
  readonly #form: string;
  #worker: WalkWorker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> = Promise.resolve();
  /** A change of the parameters could not be looked at yet. */
  #owed = false;
  #reconciledMs = 0;
  readonly #reconcile = together(() => this.#reconcileOnce());

  constructor(parts: ReindexingParts) {
    this.#parts = parts;
    this.#settings = new Settings(parts.database, parts.schema);
    this.#walks = new Walks(parts.database, parts.schema);
    this.#form = `${INDEX_FORM} ${parts.base}`;
  }

  /** Learns of the added parameters; called before the first write and search. */
  async load(): Promise<void> {
    await this.#reconcile();
  }

  /** Keeps up with other servers, and carries on with walks that were asked for, until {@link stop}. */
  start(): void {
    this.#worker = this.#newWorker(PAUSE_RATIO);
    this.#worker.start();
    this.#timer = setInterval(() => {
      this.#refreshing = this.#refreshing.then(() => this.#refresh());
    }, REFRESH_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const ended = Promise.all([this.#worker?.stop(), this.#refreshing]);
    await Promise.race([ended, sleep(STOP_MS_MAX, undefined, { ref: false })]);
  }

  /**
   * To be called after a write of a SearchParameter. Never fails: the resource is stored, and what is made of it can wait
   * until the database is back.
   */
  async parametersChanged(): Promise<void> {
    try {
      await this.#reconcile();
    } catch (error) {
      this.#owed = true;
      this.#parts.log('error', `search parameters could not be taken over yet: ${(error as Error).message}`);
    }
  }

  /**
   * Has done what is needed, or goes on with it.
   *
   * @param type to be walked even if it does not need it; `all`: every type that has resources
   */
  async request(wanted: { type?: string; all?: boolean } = {}): Promise<void> {
    await this.#reconcile();
    const { type, all = false } = wanted;
    if (type !== undefined) await this.#walks.request([type]);
    else {
      const types = await this.#parts.types.existing();
      if (all) await this.#walks.request(types);
      else if ((await this.outdated()).length > 0) await this.#walks.request(types, this.#form);
      await this.#walks.requestNeeded();
    }
    this.#worker?.wake();
  }

  /** Does in this process, without pauses, what was asked for. @param onStep told where it is from time to time */
  async runToEnd(onStep: (walk: Walk) => void): Promise<void> {
    await this.#newWorker(0).runToEnd(onStep);
    await this.#finished(); // there may have been nothing to walk
  }

  async status(): Promise<ReindexStatus> {
    const { database, schema } = this.#parts;
    // Before the parameters: the last walk makes them ready, and who is told that it is over must not see them wait.
    const walks = await this.#walks.all();
    const text = `SELECT * FROM "${schema}".search_parameter ORDER BY rid`;
    const { rows } = await database.read({ name: '', text, values: [] });
    return {
      walks,
      parameters: (rows as unknown as ParameterRow[]).map(addedParameter),
      outdated: await this.outdated(),
    };
  }

  /** Sentences about what the rows of all types were written for, where that is no longer so. */
  async outdated(): Promise<string[]> {
    const form = await this.#settings.read(INDEX_FORM_SETTING);
    const base = await this.#settings.read(INDEX_BASE_SETTING);
    const reasons: string[] = [];
    if (form !== undefined && form !== INDEX_FORM)
      reasons.push(`The index was written by another release (form ${form}, here ${INDEX_FORM}).`);
    if (base !== undefined && base !== this.#parts.base)
      reasons.push(`References to this server were indexed for another address (${base}).`);
    return reasons;
  }

  #newWorker(pauseRatio: number): WalkWorker {
    const { database, schema, plans, log } = this.#parts;
    return new WalkWorker(
      { database, schema, walks: this.#walks, plan: plans },
      {
        pauseRatio,
        form: this.#form,
        onFault: (fault) => log('error', fault),
        onFinished: () => this.#finished(),
      },
    );
  }

  async #finished(): Promise<void> {
    await this.#parts.plans.refresh();
    if ((await this.outdated()).length === 0) return;
    if (!(await this.#walks.areWalked(await this.#parts.types.existing(), this.#form))) return;
    await this.#settings.write(INDEX_FORM_SETTING, INDEX_FORM);
    await this.#settings.write(INDEX_BASE_SETTING, this.#parts.base);
  }

  async #reconcileOnce(): Promise<void> {
    const { database, schema, definitions, plans } = this.#parts;
    const unused = await reconcileParameters(database, schema, definitions);
    this.#owed = false;
    this.#reconciledMs = performance.now();
    this.#tellUnused(unused);
    await plans.refresh();
  }

  /** One by one, but for those of guides that repeat what R4 has. */
  #tellUnused(unused: readonly AddedParameter[]): void {
    const { definitions, log } = this.#parts;
    const repeated = unused.filter(({ definition }) => definition && isOfR4(definitions, definition));
    const told = repeated.length > 1 ? unused.filter((one) => !repeated.includes(one)) : unused;
    if (repeated.length > 1)
      log(
        'info',
        `${repeated.length} SearchParameter resources are not used: FHIR R4 has them, or their codes, already.`,
      );
    for (const { id, fault } of told) log('warn', `SearchParameter/${id} is not used: ${fault}`);
  }

  async #refresh(): Promise<void> {
    if (!this.#parts.database.ready()) return;
    try {
      const isDue = this.#owed || performance.now() - this.#reconciledMs > RECONCILE_MS;
      await (isDue ? this.#reconcile() : this.#parts.plans.refresh());
    } catch (error) {
      if (isBusy(error)) return; // away again: the database says so itself
      this.#parts.log(
        'error',
        `the search parameters of other servers are not known: ${(error as Error).message}`,
      );
    }
  }
}
