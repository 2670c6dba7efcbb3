import type { BenchOptions } from '../options.ts';
import type { CaseResult } from '../report/caseResult.ts';
import { caseLine } from '../report/text.ts';
import { settingsOf } from '../settings.ts';
import { installDcmtk } from './dcmtk.ts';
import { measureDicomweb, sharesOf } from './dicomweb.ts';
import type { ArchiveKind, FirstAsked, ImagingFigures, StoringFigures, WorklistFigures } from './figures.ts';
import type { SentStudy } from './images.ts';
import { installOrthanc } from './orthanc.ts';
import { imagingPlan } from './plan.ts';
import { QUESTIONS } from './questions.ts';
import { storePatients } from './records.ts';
import { measureStoring } from './storing.ts';
import { openImagingWorld } from './world.ts';
import { measureWorklist } from './worklist.ts';

/** A viewer asks for several images at once. */
const CONNECTIONS = 4;

type FiguresOfArchive = Omit<ImagingFigures, 'worklist'> & { worklist?: WorklistFigures };

/** Measures imaging, once with objects in files and once with objects in Orthanc, each with a server of its own. */
export const runImaging = async (options: BenchOptions, postgresUrl: string): Promise<ImagingFigures> => {
  await installDcmtk();
  await installOrthanc();
  const files = await measureArchive(options, postgresUrl, 'files');
  const orthanc = await measureArchive(options, postgresUrl, 'orthanc');
  return {
    storing: [...files.storing, ...orthanc.storing],
    worklist: files.worklist!,
    dicomweb: [...files.dicomweb, ...orthanc.dicomweb],
    firstAsked: [...files.firstAsked, ...orthanc.firstAsked],
  };
};

/** The worklist, and the searches, which know nothing of the archive, are measured with files alone. */
const measureArchive = async (
  options: BenchOptions,
  postgresUrl: string,
  archive: ArchiveKind,
): Promise<FiguresOfArchive> => {
  const plan = imagingPlan(options.scale);
  const { plan: dataPlan, warmupMs, measureMs, rounds } = settingsOf(options);
  const world = await openImagingWorld(options, postgresUrl, archive);
  try {
    await storePatients(world.server, plan);
    const storing: StoringFigures[] = [];
    const sent: SentStudy[] = [];
    for (const sending of plan.sendings) {
      console.error(`imaging (${archive}): storing at ${sending.associations}`);
      storing.push(await measureStoring(world, sending, rounds, sent));
    }
    const load = { database: world.database, connections: CONNECTIONS, warmupMs, measureMs };
    const questions = QUESTIONS.filter(({ asksArchive }) => asksArchive || archive === 'files');
    const shares = sharesOf(sent, questions.length);
    const dicomweb: CaseResult[] = [];
    const firstAsked: FirstAsked[] = [];
    for (const [at, question] of questions.entries()) {
      const { first, result } = await measureDicomweb(world, question, shares[at]!, {
        load,
        rounds,
        plan: dataPlan,
      });
      firstAsked.push(first);
      dicomweb.push(result);
      console.error(caseLine(result));
    }
    if (archive === 'orthanc') return { storing, dicomweb, firstAsked };
    return { storing, dicomweb, firstAsked, worklist: await measureWorklist(world, plan, rounds) };
  } finally {
    await world.close();
  }
};
