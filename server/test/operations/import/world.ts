import { setTimeout as sleep } from 'node:timers/promises';
import type { ParsedJson } from '../../../src/fhir/json/parse.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import type { DownloadTimes } from '../../../src/operations/import/download.ts';
import { importKind, type ImportParts } from '../../../src/operations/import/kind.ts';
import type { ImportRequest } from '../../../src/operations/import/request.ts';
import { ImportSources } from '../../../src/operations/import/sources.ts';
import type { Caller } from '../../../src/records/caller.ts';
import type { JobContext, JobLine } from '../../../src/records/jobs/kind.ts';
import type { Written } from '../../../src/records/records.ts';

export const BASE = 'http://maxray.example/fhir/R4';
const CALLER: Caller = { id: 'anna', isAdministrator: true, access: 'unrestricted', agent: {} };

/** What stands behind the records: every version of every resource, as text. */
export class Door {
  readonly versions = new Map<string, string[]>();
  /** Most updates that were under way at once. */
  most = 0;
  #running = 0;
  readonly #awaited = new Map<number, () => void>();
  /** What happens to an update before it is stored; where it rejects, it is not. */
  before: (id: string) => Promise<void> = () => sleep(Math.random() * 2);
  after: (id: string) => Promise<void> = () => Promise.resolve();

  /** @param isAlive whether the server that asks is still there: nothing comes of what one that is gone has begun */
  async update(type: string, id: string, body: ParsedJson, isAlive: () => boolean): Promise<Written> {
    this.most = Math.max(this.most, ++this.#running);
    try {
      await this.before(id);
      if (!isAlive()) await new Promise(() => {});
      const stored = this.versions.get(`${type}/${id}`) ?? [];
      stored.push(JSON.stringify(body.exact));
      this.versions.set(`${type}/${id}`, stored);
      this.#awaited.get(this.versions.size)?.();
      await this.after(id);
      return { type, id, version: stored.length, lastUpdated: new Date(), created: true, content: '' };
    } finally {
      this.#running--;
    }
  }

  /** Resolves at the moment at which so many resources are there: who looks from time to time may look too late. */
  has(count: number): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(count, resolve));
  }

  holds(_caller: Caller, type: string, id: string, body: ParsedJson): Promise<boolean> {
    return Promise.resolve(this.versions.get(`${type}/${id}`)?.at(-1) === JSON.stringify(body.exact));
  }

  /** How many versions each resource has. */
  counts(): Set<number> {
    return new Set([...this.versions.values()].map((texts) => texts.length));
  }

  latest(reference: string): Resource {
    return JSON.parse(this.versions.get(reference)!.at(-1)!) as Resource;
  }
}

/** A job that is run by hand. */
export class ImportJob {
  readonly door = new Door();
  readonly defects: unknown[] = [];
  /** As the database would have them. */
  checkpoint: unknown;
  readonly lines = new Map<string, JobLine>();
  readonly saves: unknown[] = [];
  /** What happens before something is saved. */
  beforeSave: () => Promise<void> = () => Promise.resolve();
  told: () => string = () => '';
  #runs = 0;
  readonly #parts: Omit<ImportParts, 'records'>;
  readonly #request: ImportRequest;

  constructor(allowed: readonly string[], request: ImportRequest, times: Partial<DownloadTimes> = {}) {
    this.#request = request;
    this.#parts = {
      contents: this.door,
      sources: new ImportSources(allowed),
      base: BASE,
      jobsPath: '_jobs',
      onDefect: (error) => void this.defects.push(error),
      times: { connectMs: 10_000, silenceMs: 10_000, ...times },
      retryMs: 1,
    };
  }

  /** From where the last run stands, which is gone then. */
  async run(signal = new AbortController().signal): Promise<{ output: object[]; error: object[] }> {
    const run = ++this.#runs;
    const isAlive = () => run === this.#runs;
    const records: ImportParts['records'] = {
      update: (_caller, type, id, body) => this.door.update(type, id, body, isAlive),
    };
    const context: JobContext = {
      id: 'job-1',
      caller: () => Promise.resolve(CALLER),
      request: this.#request,
      created: new Date(0),
      checkpoint: this.checkpoint,
      isResumed: run > 1,
      signal,
      tell: (progress) => void (this.told = progress),
      save: async (checkpoint, lines = []) => {
        const text = JSON.stringify(checkpoint);
        await this.beforeSave();
        if (!isAlive()) throw new Error('the job is no longer in these hands');
        this.checkpoint = JSON.parse(text);
        this.saves.push(this.checkpoint);
        for (const line of lines) this.lines.set(`${line.file} ${line.number}`, line);
      },
    };
    const { contentType, body } = await importKind({ ...this.#parts, records }).run(context);
    if (contentType !== 'application/json') throw new Error(contentType);
    return JSON.parse(body) as { output: object[]; error: object[] };
  }

  /** As if the server that runs it were killed: what it has begun comes to nothing. */
  crash(): void {
    this.#runs++;
  }

  /** What is wrong, by file and line. */
  faults(): [string, number, string][] {
    return [...this.lines.values()]
      .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.number - b.number))
      .map(({ file, number, line }) => {
        const { issue } = JSON.parse(line) as { issue: { diagnostics: string }[] };
        return [file, number, issue.map(({ diagnostics }) => diagnostics).join(' ')];
      });
  }
}
