import { errorIssue, operationOutcome } from '../../fhir/outcome.ts';
import type { JobContext, JobKind, JobLine, JobResult } from '../../records/jobs/kind.ts';
import { DOWNLOAD_TIMES } from './download.ts';
import { importFile, type FileParts, type ImportedFile } from './file.ts';
import type { LineFault } from './lineWindow.ts';
import type { ImportRequest } from './request.ts';

export const IMPORT_KIND = 'import';
/** Faults of one import that are kept for its caller to read; more are counted. */
export const IMPORT_FAULTS_KEPT_MAX = 10_000;
/** Defects of one run that are logged: the thousandth says no more than the first. */
const DEFECTS_LOGGED_MAX = 10;
const RETRY_MS = 2_000;

export interface ImportParts extends Omit<FileParts, 'onDefect' | 'times' | 'retryMs'> {
  /** Absolute URL of the FHIR base. */
  base: string;
  /** Path of the jobs below it. */
  jobsPath: string;
  onDefect(error: unknown, job: { id: string; kind: string }): void;
  times?: FileParts['times'];
  retryMs?: number;
}

/** Where an import stands: its files as far as they were begun, in their order. */
interface Checkpoint {
  files: ImportedFile[];
}

/** The job of $import: its files one after the other, and of each as many lines at once as serve the writer. */
export function importKind(parts: ImportParts): JobKind {
  return { name: IMPORT_KIND, run: (context) => runImport(parts, context) };
}

async function runImport(parts: ImportParts, context: JobContext): Promise<JobResult> {
  const { inputs, inputSource: source } = context.request as ImportRequest;
  const { files } = (context.checkpoint ?? { files: [] }) as Checkpoint;
  const fileParts = { ...parts, onDefect: fewDefects(parts, context), ...timesOf(parts) };
  let { isResumed } = context;
  for (const [at, input] of inputs.entries()) {
    const state = (files[at] ??= { lines: 0, stored: 0, faults: 0 });
    if (state.hasEnded) continue;
    context.tell(() => progressOf(inputs.length, at, input.type, state));
    const save = (faults: LineFault[]) => context.save({ files }, faultLines(files, at, faults));
    await importFile(fileParts, context, { input, source, state, isResumed, save });
    state.hasEnded = true;
    await context.save({ files }, restOfFaults(files, at));
    isResumed = false;
  }
  return manifest(parts, context, files);
}

const timesOf = ({ times = DOWNLOAD_TIMES, retryMs = RETRY_MS }: ImportParts) => ({ times, retryMs });

function fewDefects(parts: ImportParts, { id }: JobContext): FileParts['onDefect'] {
  let logged = 0;
  return (error) => {
    if (logged++ < DEFECTS_LOGGED_MAX) parts.onDefect(error, { id, kind: IMPORT_KIND });
  };
}

const progressOf = (files: number, at: number, type: string, { lines, faults }: ImportedFile): string =>
  `file ${at + 1} of ${files} (${type}): ${lines} lines, ${faults} of them refused`;

const faultFile = (at: number): string => `errors-${at + 1}.ndjson`;

/** How many faults of a file are kept; its last ones are those that are not. */
function keptFaults(files: readonly ImportedFile[], at: number): number {
  const before = files.slice(0, at).reduce((sum, { faults }) => sum + faults, 0);
  return Math.max(0, Math.min(files[at]!.faults, IMPORT_FAULTS_KEPT_MAX - before));
}

/** The latest faults of a file, already counted, as lines that its caller can read. */
function faultLines(files: readonly ImportedFile[], at: number, faults: readonly LineFault[]): JobLine[] {
  const earlier = files[at]!.faults - faults.length;
  const kept = Math.max(0, keptFaults(files, at) - earlier);
  return faults.slice(0, kept).map(({ number, issues }) => ({
    file: faultFile(at),
    number,
    line: JSON.stringify(
      operationOutcome(
        issues.map((issue) => ({ ...issue, diagnostics: `Line ${number}: ${issue.diagnostics}` })),
      ),
    ),
  }));
}

/** What is said in place of the faults that are not kept. */
function restOfFaults(files: readonly ImportedFile[], at: number): JobLine[] {
  const { faults, lines } = files[at]!;
  const left = faults - keptFaults(files, at);
  if (left === 0) return [];
  const text = `${left} more faults are not listed: of one import, ${IMPORT_FAULTS_KEPT_MAX} are kept.`;
  const line = JSON.stringify(operationOutcome([errorIssue('too-costly', text)]));
  return [{ file: faultFile(at), number: lines + 2, line }];
}

/** https://github.com/smart-on-fhir/bulk-import, import-manifest.md, "Response - Complete Status". */
function manifest(
  { base, jobsPath }: ImportParts,
  { id, created, request }: JobContext,
  files: readonly ImportedFile[],
): JobResult {
  const { inputs } = request as ImportRequest;
  const body = {
    transactionTime: created.toISOString(),
    request: `${base}/$import`,
    requiresAccessToken: true,
    output: inputs.map(({ type, url }, at) => ({ type, inputUrl: url, count: files[at]!.stored })),
    error: inputs.flatMap(({ url }, at) => {
      const { faults } = files[at]!;
      const file = `${base}/${jobsPath}/${id}/${faultFile(at)}`;
      return faults === 0 ? [] : [{ type: 'OperationOutcome', inputUrl: url, count: faults, url: file }];
    }),
  };
  return { contentType: 'application/json', body: JSON.stringify(body) };
}
