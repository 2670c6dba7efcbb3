import { randomUUID } from 'node:crypto';
import { isId } from '../../fhir/id.ts';
import { NamedHere } from '../../fhir/links/namedHere.ts';
import { errorIssue, FhirError, fhirError } from '../../fhir/outcome.ts';
import type { BlobStore } from '../../store/blob/blobStore.ts';
import type { Run } from '../../store/erasure/types.ts';
import type { Store } from '../../store/store.ts';
import type { Caller } from '../caller.ts';
import { notFound } from '../liveVersion.ts';
import type { Records } from '../records.ts';
import { carryOut } from './carryOut.ts';
import type { ErasureCounts, TypeCount } from './certificate.ts';
import { studiesCarried, type ErasedImages } from './erasedImages.ts';
import { ErasureJudge, HOLD_CODE, HOLD_SYSTEM } from './judge.ts';
import { ErasurePlan } from './plan.ts';
import { ErasurePlanner } from './planner.ts';

/** Names that an answer lists of a sort. */
export const LISTED_MAX = 1_000;

export interface ErasureWish {
  patient: string;
  /** `Type/id` of resources of several patients that are to be erased all the same. */
  alsoErase: readonly string[];
}

/** What an erasure would do. */
export interface ErasurePreview extends Omit<ErasureCounts, 'changed'> {
  /** `Type/id` of resources that stay without what names the patient: the first {@link LISTED_MAX}, as below. */
  changes: readonly string[];
  /** What keeps it from being done. */
  held: readonly string[];
  shared: readonly string[];
}

/** The door to erasing: all that is stored of a patient, for good (GDPR 17, decision 0039). */
export class Erasures {
  readonly #store: Store;
  readonly #records: Pick<Records, 'read'>;
  readonly #blobs: Pick<BlobStore, 'delete'>;
  readonly #named: NamedHere;
  readonly #judge: ErasureJudge;
  readonly #images: ErasedImages | undefined;

  /**
   * @param base absolute URL of the FHIR base
   * @param images absent: there is no archive whose images are those of the store
   */
  constructor(
    store: Store,
    records: Pick<Records, 'read'>,
    blobs: Pick<BlobStore, 'delete'>,
    base: string,
    images?: ErasedImages,
  ) {
    this.#store = store;
    this.#images = images;
    this.#records = records;
    this.#blobs = blobs;
    this.#named = new NamedHere(base);
    this.#judge = new ErasureJudge(store.definitions, this.#named);
  }

  /** What {@link erase} would do now. Changes nothing. @throws FhirError `forbidden`, `not-found` */
  async preview(caller: Caller, wish: ErasureWish): Promise<ErasurePreview> {
    requireAdministrator(caller, wish.patient);
    const plan = await this.#planned(wish);
    if (plan.isEmpty) throw notFound('Patient', wish.patient);
    const { eraser } = this.#store.erasure;
    const erased: TypeCount[] = [];
    for (const type of plan.types()) {
      const rids = plan.rids(type);
      const versions = await eraser.versions(this.#search, type, rids);
      erased.push({ type, resources: rids.length, versions });
    }
    return {
      erased,
      files: await eraser.blobs(this.#search, plan.ids('Binary')),
      studies: this.#images ? (await studiesCarried(this.#store, this.#search, plan)).length : 0,
      changes: [...plan.kept.keys()].sort().slice(0, LISTED_MAX),
      held: [...plan.held].sort().slice(0, LISTED_MAX),
      shared: [...plan.shared].sort().slice(0, LISTED_MAX),
    };
  }

  /**
   * Erases a patient. All of it happens in one transaction, with its certificate and its records in the audit log; files go after
   * that, and those that are left when the server dies go with the next erasure, or start.
   *
   * @returns the certificate; of an erasure before, where nothing is left to be erased
   * @throws FhirError `conflict` where something forbids it, `forbidden`, `not-found`; then nothing was done
   */
  async erase(caller: Caller, wish: ErasureWish, reason: string): Promise<{ id: string; content: string }> {
    requireAdministrator(caller, wish.patient);
    const since = await this.#store.everything.settledUntil();
    const plan = await this.#planned(wish);
    if (plan.isEmpty) return this.#before(caller, wish.patient);
    requireAllowed(plan);
    const certificate = randomUUID();
    await this.#store.writer.ensureTypes([{ type: 'DocumentReference' }]);
    const between = await this.#store.everything.settledUntil();
    await this.#planner(wish, plan, this.#search, this.#lookUp).changedSince(since);
    const parts = {
      store: this.#store,
      named: this.#named,
      caller,
      reason,
      certificate,
      patient: wish.patient,
      hasImages: this.#images !== undefined,
    };
    await this.#store.writer.againWhenStale(() =>
      this.#store.database.transaction((tx) => {
        const run: Run = (statement) => tx.query(statement);
        const last = plan.copy(); // the transaction may begin anew
        return carryOut(parts, run, last, async () => {
          await this.#planner(wish, last, run).changedSince(between);
          requireAllowed(last);
        });
      }),
    );
    caller.trail?.wrote();
    for (const type of plan.erased.keys()) this.#store.administration.changed(type);
    this.#images?.wake();
    await this.removeFiles();
    const { content } = await this.#records.read(caller, 'DocumentReference', certificate);
    return { id: certificate, content };
  }

  /** Removes files of what was erased: those that an erasure before did not come to. */
  async removeFiles(): Promise<void> {
    await this.#store.erasure.register.removeBlobs(this.#blobs);
  }

  async #planned(wish: ErasureWish): Promise<ErasurePlan> {
    const plan = new ErasurePlan();
    await this.#planner(wish, plan, this.#search, this.#lookUp).all();
    return plan;
  }

  #planner({ patient, alsoErase }: ErasureWish, plan: ErasurePlan, run: Run, lookUp = run): ErasurePlanner {
    const parts = {
      finder: this.#store.erasure.finder,
      judge: this.#judge,
      named: this.#named,
      patient: `Patient/${patient}`,
      alsoErase: new Set(alsoErase),
    };
    return new ErasurePlanner(parts, plan, run, lookUp);
  }

  readonly #search: Run = (statement) => this.#store.database.search(statement);
  readonly #lookUp: Run = (statement) => this.#store.database.searchFixed(statement);

  /** Of an erasure that was done, though its answer was lost. */
  async #before(caller: Caller, patient: string): Promise<{ id: string; content: string }> {
    await this.removeFiles();
    const id = await this.#store.erasure.register.certificate(this.#subject(patient));
    if (id === undefined) throw notFound('Patient', patient);
    const { content } = await this.#records.read(caller, 'DocumentReference', id);
    return { id, content };
  }

  #subject(patient: string): bigint {
    return this.#store.index.selfKey('Patient', patient);
  }
}

function requireAdministrator({ isAdministrator }: Caller, patient: string): void {
  if (!isAdministrator) throw fhirError('forbidden', 'forbidden', 'Only administrators erase patients.');
  if (!isId(patient)) throw notFound('Patient', patient);
}

/** @throws FhirError `conflict` */
function requireAllowed({ held, shared }: ErasurePlan): void {
  const name = (names: ReadonlySet<string>) => [...names].sort().slice(0, LISTED_MAX).join(', ');
  const issues = [
    ...(held.size === 0
      ? []
      : [
          errorIssue(
            'business-rule',
            `These must be kept: ${name(held)}. They have the label ${HOLD_CODE} of ${HOLD_SYSTEM}: nothing is erased as long as they have it.`,
          ),
        ]),
    ...(shared.size === 0
      ? []
      : [
          errorIssue(
            'business-rule',
            `These are of several patients and cannot be taken apart: ${name(shared)}. Delete them, or name each in the parameter erase to have it erased as well.`,
          ),
        ]),
  ];
  if (issues.length > 0) throw new FhirError('conflict', issues);
}
