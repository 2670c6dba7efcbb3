import {
  STORING_RATIO_TARGET,
  type ImagingFigures,
  type StoringFigures,
  type WorklistFigures,
} from '../imaging/figures.ts';
import { casesTable, invalidText, number, table } from './text.ts';

/** What imaging takes, as Markdown. */
export const imagingText = ({ storing, worklist, dicomweb }: ImagingFigures): string =>
  [storingTable(storing), worklistTable(worklist), casesTable(dicomweb), ...invalidText(dicomweb)].join(
    '\n\n',
  );

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
      `>= ${number(STORING_RATIO_TARGET, 2)}`,
      each.ratio >= STORING_RATIO_TARGET ? 'reached' : 'MISSED',
      number(each.drainedPerSecond, 1),
      number(each.drainedRatio, 2),
    ]),
  );

const worklistTable = ({ items, seconds, floorSeconds, ratio }: WorklistFigures): string =>
  table(
    ['C-FIND of the worklist', 'items', 's', 'Orthanc s', 'ratio'],
    [['the whole list', number(items), number(seconds, 2), number(floorSeconds, 2), number(ratio, 2)]],
  );
