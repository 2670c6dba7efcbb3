import type { CaseResult } from '../report/caseResult.ts';

/** Where the bridge keeps objects: in files of its own, or in an Orthanc of its own. */
export type ArchiveKind = 'files' | 'orthanc';

/** How fast images are taken that dcmtk's storescu sends, held against the same images sent straight to Orthanc. */
export interface StoringFigures {
  archive: ArchiveKind;
  associations: number;
  /** Of a round. */
  images: number;
  /** Answered Success a second; medians of the rounds. */
  acknowledgedPerSecond: number;
  floorPerSecond: number;
  /** Median of the rounds' ratios, acknowledged / floor. */
  ratio: number;
  /** To be reached: ratio. */
  target: number;
  /** From the first that was sent to the last that is in archive and record. */
  drainedPerSecond: number;
  /** Median of the rounds' ratios, drained / floor. */
  drainedRatio: number;
}

/** One round of them. */
export interface StoringRound {
  acknowledgedPerSecond: number;
  drainedPerSecond: number;
  floorPerSecond: number;
}

/** How long dcmtk's findscu takes to get the whole worklist, held against Orthanc's with the same items. */
export interface WorklistFigures {
  items: number;
  /** Medians of the rounds. */
  seconds: number;
  floorSeconds: number;
  /** Median of the rounds' ratios of the rates: above 1 is faster than the floor. */
  ratio: number;
}

/** How long answers take about studies that nobody has asked for before, one after the other. */
export interface FirstAsked {
  title: string;
  studies: number;
  p50Ms: number;
  floorP50Ms: number;
}

export interface ImagingFigures {
  storing: StoringFigures[];
  worklist: WorklistFigures;
  /** DICOMweb, held against Orthanc's own with the same studies. */
  dicomweb: CaseResult[];
  firstAsked: FirstAsked[];
}
