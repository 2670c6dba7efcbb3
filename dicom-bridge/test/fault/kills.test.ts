import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import { randomOf } from '../../../server/test/acceptance/support/mutations/random.ts';
import { ADMINISTRATOR } from '../../../server/test/support/administrator.ts';
import { until } from '../../../server/test/support/program.ts';
import { testWithDcmtk } from '../support/dcmtk.ts';
import { judge } from './support/judge.ts';
import { planOf } from './support/plan.ts';
import { sendAll, type Dispatching } from './support/sender.ts';
import { makeShelf, type Shelf } from './support/shelf.ts';
import { openSite, type FaultSite } from './support/site.ts';

/** FAULT_SEED repeats the faults and what each sender does; which object is hit by which fault is left to chance. */
const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000_000);
const KILLS = Number(process.env.FAULT_KILLS ?? 4);
const OBJECTS = Number(process.env.FAULT_OBJECTS ?? 60);
const PLAN_STREAM = 1_000;
const SENDERS = ['storescu', 'dcmsend', 'storescu', 'dcmsend'] as const;
const aeTitleOf = (number: number) => `UNIT${number}`;
const MR = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] };
/** As dcmtk calls the status A700. */
const NO_ROOM = 'Refused: OutOfResources';

jest.setTimeout(1_200_000); // a guard against hanging
let site: FaultSite;
beforeAll(async () => {
  site = await openSite(SENDERS.map((_, i) => aeTitleOf(i)));
});
afterAll(() => site?.stop());

async function makePatients({ studies }: Shelf, medplum: MedplumClient): Promise<void> {
  for (const { patientId } of studies.filter(({ isKnown }) => isKnown)) {
    await medplum.createResource({
      resourceType: 'Patient',
      identifier: [{ system: 'https://clinic.example/mrn', value: patientId, type: MR }],
      name: [{ family: 'Test', given: ['Ann'] }],
    });
  }
}

testWithDcmtk(
  `of ${OBJECTS} objects none is lost or doubled by ${KILLS} kills of bridge, server, Orthanc and PostgreSQL (FAULT_SEED=${SEED})`,
  async () => {
    const { bridge, orthanc, serverUrl: url, folder } = site;
    const medplum = new MedplumClient({ baseUrl: `${url}/`, fhirUrlPath: 'fhir/R4', cacheTime: 0 });
    await medplum.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
    const shelf = makeShelf(folder, OBJECTS);
    await makePatients(shelf, medplum);

    const dispatching: Dispatching = {
      ...{ port: bridge.dicomPort, objects: shelf.objects, refusals: new Map(), aborts: 0 },
      ...{ allowed: 0, isOver: false },
    };
    const acknowledged = () => shelf.objects.filter((object) => object.acknowledged > 0).length;
    const refused = () => dispatching.refusals.get(NO_ROOM) ?? 0;
    const of = SENDERS.length;
    const senders = SENDERS.map((name, number) =>
      sendAll({ aeTitle: aeTitleOf(number), name, number, of, random: randomOf(SEED, number) }, dispatching),
    );
    const sent = Promise.all(senders);
    const plan = planOf(randomOf(SEED, PLAN_STREAM), KILLS, OBJECTS);
    for (const fault of plan) {
      dispatching.allowed = fault.objectsMax;
      await until(() => acknowledged() >= fault.afterObjects, 'the senders went on');
      const before = refused();
      await site.suffer(fault, () => refused() > before);
    }
    await until(() => acknowledged() === OBJECTS, 'everything was acknowledged');
    dispatching.isOver = true;
    await sent;
    await until(async () => {
      const { objects, studies } = await bridge.status();
      return objects['recorded'] === OBJECTS && studies['complete'] === shelf.studies.length;
    }, 'everything was recorded');

    const faults = await judge(shelf, orthanc, medplum);
    const { objects, studies } = await bridge.status();
    const answers = shelf.objects.reduce((sum, object) => sum + object.acknowledged, 0);
    console.error(
      `faults with FAULT_SEED=${SEED}: ${plan.length} kills; ${OBJECTS} objects acknowledged ${answers} times, ${refused()} answers of a full disk, ` +
        `${dispatching.aborts} senders killed; ${shelf.studies.length} studies`,
    );
    expect(faults).toEqual([]);
    expect(objects).toEqual({ recorded: OBJECTS, conflict: 0 });
    expect(studies).toMatchObject({ complete: shelf.studies.length, failing: 0 });
    expect(bridge.spooled()).toEqual([]);
    expect([...dispatching.refusals.keys()]).toEqual([NO_ROOM]);
    expect(await site.verified()).toMatch(/ 0 differences\n$/);
  },
);
