import type { FirstAsked, ImagingFigures, StoringFigures, WorklistFigures } from '../imaging/figures.ts';
import { casesTable, invalidText, number, table } from './text.ts';

/** What imaging takes, as Markdown. */
export const imagingText = ({ storing, worklist, dicomweb, firstAsked }: ImagingFigures): string =>
  [
    storingTable(storing),
    worklistTable(worklist),
    casesTable(dicomweb),
    ...invalidText(dicomweb),
    firstTable(firstAsked),
  ].join('\n\n');

const storingTable = (storing: readonly StoringFigures[]): string =>
  table(
    [
      'C-STORE, 512 KiB each',
      'assoc.',
      'images',
      'acknowledged/s',
      'Orthanc/s',
      'ratio',
      'target',
      '',
      'drained/s',
      'to Orthanc',
    ],
    storing.map((each) => [
      `kept in ${each.archive}`,
      String(each.associations),
      number(each.images),
      number(each.acknowledgedPerSecond, 1),
      number(each.floorPerSecond, 1),
      number(each.ratio, 2),
      `>= ${number(each.target, 1)}`,
      each.ratio >= each.target ? 'reached' : 'MISSED',
      number(each.drainedPerSecond, 1),
      number(each.drainedRatio, 2),
    ]),
  );

const worklistTable = ({ items, seconds, floorSeconds, ratio }: WorklistFigures): string =>
  table(
    ['C-FIND of the worklist', 'items', 's', 'Orthanc s', 'ratio'],
    [['the whole list', number(items), number(seconds, 2), number(floorSeconds, 2), number(ratio, 2)]],
  );

const firstTable = (firstAsked: readonly FirstAsked[]): string =>
  table(
    ['asked for the first time, one after the other', 'studies', 'p50 ms', 'Orthanc p50 ms'],
    firstAsked.map(({ title, studies, p50Ms, floorP50Ms }) => [
      title,
      number(studies),
      number(p50Ms, 1),
      number(floorP50Ms, 1),
    ]),
  );
