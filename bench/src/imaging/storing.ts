import { rm } from 'node:fs/promises';
import path from 'node:path';
import { median, pairedRatio } from '../measure/statistics.ts';
import { sendFolders } from './dcmtk.ts';
import type { StoringFigures, StoringRound } from './figures.ts';
import { writeImages, type SentStudy } from './images.ts';
import { IMAGES_PER_STUDY, imagesOf, type Sending } from './plan.ts';
import type { ImagingWorld } from './world.ts';

const MS_PER_SECOND = 1_000;

/** Sends images to the bridge, and the same images to Orthanc, round for round. @param sent takes what was sent */
export const measureStoring = async (
  world: ImagingWorld,
  sending: Sending,
  rounds: number,
  sent: SentStudy[],
): Promise<StoringFigures> => {
  const measured: StoringRound[] = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await storeOnce(world, sending, sent));
  return { archive: world.archive, ...storingFigures(sending, measured) };
};

/** Medians, and ratios to the floor of the same round. */
export const storingFigures = (
  sending: Sending,
  measured: readonly StoringRound[],
): Omit<StoringFigures, 'archive'> => {
  const of = (name: keyof StoringRound): number[] => measured.map((round) => round[name]);
  const floor = of('floorPerSecond');
  return {
    associations: sending.associations,
    target: sending.target,
    images: imagesOf(sending),
    acknowledgedPerSecond: median(of('acknowledgedPerSecond')),
    floorPerSecond: median(floor),
    ratio: pairedRatio(of('acknowledgedPerSecond'), floor),
    drainedPerSecond: median(of('drainedPerSecond')),
    drainedRatio: pairedRatio(of('drainedPerSecond'), floor),
  };
};

/** The floor has its turn when the bridge has nothing more to do. */
const storeOnce = async (
  { bridge, floor, folder }: ImagingWorld,
  sending: Sending,
  sent: SentStudy[],
): Promise<StoringRound> => {
  const images = imagesOf(sending);
  const folders = await writeFolders(folder, sending, sent);
  const imagesSent = sent.length * IMAGES_PER_STUDY;
  const beganMs = performance.now();
  const acknowledgedSeconds = await sendFolders(bridge, folders);
  await bridge.recorded(imagesSent);
  const drainedSeconds = (performance.now() - beganMs) / MS_PER_SECOND;
  await bridge.settled();
  const floorSeconds = await sendFolders(floor, folders);
  const there = await floor.objects();
  if (there !== imagesSent)
    throw new Error(`Orthanc has ${there} objects of ${imagesSent} that it acknowledged`);
  await rm(folder, { recursive: true });
  return {
    acknowledgedPerSecond: images / acknowledgedSeconds,
    drainedPerSecond: images / drainedSeconds,
    floorPerSecond: images / floorSeconds,
  };
};

const writeFolders = async (
  folder: string,
  { associations, imagesEach }: Sending,
  sent: SentStudy[],
): Promise<string[]> => {
  const folders = Array.from({ length: associations }, (_, at) => path.join(folder, String(at)));
  let patient = 0;
  for (const one of folders) {
    const studies = await writeImages(one, imagesEach, patient);
    patient += studies.length;
    sent.push(...studies);
  }
  return folders;
};
