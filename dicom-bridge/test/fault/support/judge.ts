import type { MedplumClient } from '@medplum/core';
import { urnOfUid } from '../../../src/identifiers/uid.ts';
import { dataSetHash } from '../../../src/objects/dataSetHash.ts';
import type { TestOrthanc } from '../../support/orthanc.ts';
import type { Shelf, ShelfObject, ShelfStudy } from './shelf.ts';

const TASK_SYSTEM = 'https://maxray.example/fhir/identifier/study-reconciliation';

/** Everything in which archive and record differ from what the senders were told; empty when the bridge kept its word. */
export async function judge(shelf: Shelf, archive: TestOrthanc, medplum: MedplumClient): Promise<string[]> {
  const { studies, objects } = shelf;
  const faults: string[] = [];
  const count = await countOf(archive);
  if (count !== objects.length) faults.push(`the archive has ${count} objects of ${objects.length}`);
  for (const object of objects) faults.push(...(await kept(object, archive)));
  for (const study of studies) {
    const own = objects.filter(({ studyInstanceUid }) => studyInstanceUid === study.studyInstanceUid);
    faults.push(...(await recorded(study, own, medplum)));
  }
  return faults;
}

async function countOf({ options }: TestOrthanc): Promise<number> {
  const authorization = `Basic ${Buffer.from(`${options.username}:${options.password}`).toString('base64')}`;
  const answer = await fetch(`${options.url}/instances`, { headers: { authorization } });
  return ((await answer.json()) as string[]).length;
}

/** An acknowledged object is in the archive once, with its bytes as they were sent. */
async function kept(object: ShelfObject, { orthanc }: TestOrthanc): Promise<string[]> {
  const { sopInstanceUid, acknowledged, sha256 } = object;
  if (acknowledged === 0) return [`${sopInstanceUid} was never acknowledged`];
  const ids = await orthanc.instances(sopInstanceUid);
  if (ids.length !== 1) return [`${sopInstanceUid} is in the archive ${ids.length} times`];
  const file = await orthanc.file(ids[0]!);
  if (!file) return [`${sopInstanceUid} cannot be read`];
  return (await dataSetHash(file)) === sha256 ? [] : [`${sopInstanceUid} has other bytes than were sent`];
}

/** It has one ImagingStudy, which lists its objects and no others; whoever must say whose it is was asked once. */
async function recorded(
  study: ShelfStudy,
  objects: readonly ShelfObject[],
  medplum: MedplumClient,
): Promise<string[]> {
  const { studyInstanceUid: uid, isKnown } = study;
  const found = await medplum.searchResources('ImagingStudy', `identifier=urn:dicom:uid|${urnOfUid(uid)}`);
  if (found.length !== 1) return [`study ${uid} is in the record ${found.length} times`];
  const { numberOfInstances, numberOfSeries, series = [], subject } = found[0]!;
  const listed = series.flatMap(({ instance = [] }) => instance.map((one) => one.uid));
  const wanted = objects.map(({ sopInstanceUid }) => sopInstanceUid);
  const tasks = await medplum.searchResources('Task', `identifier=${TASK_SYSTEM}|${uid}`);
  const said = [numberOfInstances, numberOfSeries, listed.sort().join(), subject.reference !== undefined];
  const due = [objects.length, series.length, wanted.sort().join(), isKnown];
  return [
    ...(String(said) === String(due) ? [] : [`study ${uid} is recorded as ${said}, and is ${due}`]),
    ...(tasks.length === (isKnown ? 0 : 1) ? [] : [`study ${uid} has ${tasks.length} Tasks`]),
  ];
}
