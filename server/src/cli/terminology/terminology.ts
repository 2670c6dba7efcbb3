import { readConfig } from '../../config.ts';
import { ReleaseWriter } from '../../store/terminology/releaseWriter.ts';
import { openStoreForTools } from '../openStore.ts';
import { loadRelease, type OnProgress } from './loadRelease.ts';
import { findRelease } from './releases.ts';

const USAGE = `maxray terminology load FOLDER [--version VERSION] [--again]
  FOLDER     an unpacked release: SNOMED CT (RF2, snapshot files), LOINC or RxNorm (RRF)
  --version  what the release is called, where its files do not tell
  --again    take out first what was loaded of this version`;

const BAR_WIDTH = 24;
/** Between two lines where there is no terminal. */
const LINE_INTERVAL_MS = 2_000;

export interface TerminologyOutput {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
}

/**
 * `maxray terminology load`: brings a release of a large code system into the store. What was loaded stays when it is stopped; the next
 * run goes on from there. Servers may go on working, and use the release as soon as it is complete.
 *
 * @returns exit code: 0 when the release is complete, 1 when it is not, 2 when the arguments are not understood
 */
export async function runTerminology(
  args: readonly string[],
  output: TerminologyOutput,
  stop: AbortSignal,
  tenant?: string,
): Promise<number> {
  const say = (line: string) => output.write(`${line}\n`);
  const asked = readArguments(args);
  if (asked === undefined) {
    say(USAGE);
    return 2;
  }
  const release = await findRelease(asked.folder);
  if (!release) {
    say(`${asked.folder} has no release of SNOMED CT (RF2), LOINC or RxNorm: unpack it and name its folder.`);
    return 2;
  }
  const version = asked.version ?? release.version;
  if (version === undefined) {
    say(`The files do not tell which version of ${release.header.name} this is: say it with --version.`);
    return 2;
  }
  const { database, schema, close } = await openStoreForTools(readConfig(process.env), tenant);
  try {
    const writer = new ReleaseWriter(database, schema);
    if (asked.again) await writer.remove(release.url, version);
    const progress = showProgress(output);
    const result = await loadRelease(writer, { ...release, version }, progress.on, stop);
    progress.end();
    if (result === 'stopped') {
      say('Stopped: run the same command again to go on from here.');
      return 1;
    }
    const what = `${release.header.name} ${version}`;
    say(
      result === 'ready'
        ? `${what} is loaded already (--again loads it anew).`
        : `${what}: ${result} concepts.`,
    );
    return 0;
  } finally {
    await close();
  }
}

function readArguments(
  args: readonly string[],
): { folder: string; version?: string; again: boolean } | undefined {
  const [command, ...rest] = args;
  if (command !== 'load') return undefined;
  const folders: string[] = [];
  let version: string | undefined;
  let again = false;
  for (let i = 0; i < rest.length; i++) {
    const one = rest[i]!;
    if (one === '--again') again = true;
    else if (one === '--version') version = rest[++i] ?? '';
    else folders.push(one);
  }
  const [folder] = folders;
  if (folder === undefined || folders.length > 1 || folder.startsWith('-') || version === '')
    return undefined;
  return { folder, again, ...(version !== undefined && { version }) };
}

/** A bar on a terminal, a line from time to time elsewhere. */
function showProgress(output: TerminologyOutput): { on: OnProgress; end(): void } {
  let shownMs = -Infinity;
  let shownStep = '';
  const on: OnProgress = (step, share) => {
    const percent = `${Math.floor(share * 100)} %`;
    if (output.isTTY === true) {
      const filled = Math.round(share * BAR_WIDTH);
      output.write(`\r\u001b[2K${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${percent} ${step}`);
      return;
    }
    if (step === shownStep && performance.now() - shownMs < LINE_INTERVAL_MS) return;
    shownMs = performance.now();
    shownStep = step;
    output.write(`${step}: ${percent}\n`);
  };
  return { on, end: () => output.isTTY === true && output.write('\r\u001b[2K') };
}
