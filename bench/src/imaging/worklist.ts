import { mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { median, pairedRatio } from '../measure/statistics.ts';
import { findWorklist, type DicomPlace } from './dcmtk.ts';
import type { WorklistFigures } from './figures.ts';
import { storeOrders } from './records.ts';
import type { ImagingPlan } from './plan.ts';
import type { ImagingWorld } from './world.ts';

/** Asks for the whole worklist, in turn with an Orthanc that has the same items. */
export const measureWorklist = async (
  world: ImagingWorld,
  plan: ImagingPlan,
  rounds: number,
): Promise<WorklistFigures> => {
  const { server, bridge, floor, folder } = world;
  await storeOrders(server, plan);
  await mkdir(folder, { recursive: true });
  await findWorklist(bridge, folder);
  await giveItems(folder, floor.worklistFolder);
  const ask = async (place: DicomPlace): Promise<number> => {
    const { items, seconds } = await findWorklist(place);
    if (items !== plan.orders)
      throw new Error(`${place.aeTitle} has told ${items} items of ${plan.orders} of the worklist`);
    return seconds;
  };
  for (const place of [bridge, floor]) await ask(place);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await ask(bridge));
    theirs.push(await ask(floor));
  }
  return worklistFigures(plan.orders, ours, theirs);
};

/** @param ours seconds of each round, as `theirs` */
export const worklistFigures = (
  items: number,
  ours: readonly number[],
  theirs: readonly number[],
): WorklistFigures => ({
  items,
  seconds: median(ours),
  floorSeconds: median(theirs),
  ratio: pairedRatio(theirs, ours),
});

/** Moves files, under the name that Orthanc looks for. */
const giveItems = async (from: string, to: string): Promise<void> => {
  for (const name of await readdir(from))
    await rename(path.join(from, name), path.join(to, `${path.parse(name).name}.wl`));
};
