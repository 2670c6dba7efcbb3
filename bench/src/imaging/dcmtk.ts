import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { install, program } from '../../../scripts/services/dcmtk.mjs';
import { LOOPBACK } from '../processes/target.ts';

/** Who is called. */
export interface DicomPlace {
  aeTitle: string;
  dicomPort: number;
}

/** AE title of who sends and asks. */
export const BENCH_AE_TITLE = 'BENCH';
const TIMEOUT_MS = 600_000;
/** Of what findscu tells of 1,000 items. */
const OUTPUT_BYTES_MAX = 2 ** 26;

const run = promisify(execFile);
const MS_PER_SECOND = 1_000;

const addressOf = ({ aeTitle, dicomPort }: DicomPlace): string[] => [
  '-aet',
  BENCH_AE_TITLE,
  '-aec',
  aeTitle,
  LOOPBACK,
  String(dicomPort),
];

/** Both programs come with one package. @throws Error that says why they cannot be had */
export const installDcmtk = (): Promise<void> => install();

/**
 * Sends folders of DICOM files, each on an association of its own, all at the same time.
 *
 * @returns seconds from the first program's start to the last one's end: then all is acknowledged
 * @throws when an object was answered with anything but success
 */
export const sendFolders = async (to: DicomPlace, folders: readonly string[]): Promise<number> => {
  const beganMs = performance.now();
  const sent = folders.map((folder) =>
    run(program('storescu'), ['+sd', ...addressOf(to), folder], { timeout: TIMEOUT_MS }),
  );
  await Promise.all(sent);
  return (performance.now() - beganMs) / MS_PER_SECOND;
};

export interface WorklistAnswer {
  items: number;
  seconds: number;
}

/** What a console asks for. */
const RETURN_KEYS = [
  ...['PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex', 'AccessionNumber'],
  ...['StudyInstanceUID', 'RequestedProcedureID', 'RequestedProcedureDescription'],
  ...[
    'ScheduledStationAETitle',
    'ScheduledProcedureStepStartDate',
    'ScheduledProcedureStepID',
    'Modality',
  ].map((keyword) => `(0040,0100)[0].${keyword}`),
];
const ITEM = /Find Response: \d+ \(Pending/g;

/** Asks for the whole worklist. @param folder absent: items are counted alone; else each is written there as a file */
export const findWorklist = async (of: DicomPlace, folder?: string): Promise<WorklistAnswer> => {
  const keys = RETURN_KEYS.flatMap((key) => ['-k', key]);
  const extraction = folder === undefined ? [] : ['-X', '-od', folder];
  const limits = { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX };
  const beganMs = performance.now();
  const { stdout, stderr } = await run(
    program('findscu'),
    ['-v', '-W', ...extraction, ...keys, ...addressOf(of)],
    limits,
  );
  const seconds = (performance.now() - beganMs) / MS_PER_SECOND;
  return { items: (stdout + stderr).match(ITEM)?.length ?? 0, seconds };
};
