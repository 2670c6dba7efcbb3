import { expect } from '@jest/globals';
import type { MedplumClient } from '@medplum/core';
import type { DimseService } from '../../src/dimse/services.ts';
import { LocalClock } from '../../src/fhir/localTime.ts';
import { newUid, urnOfUid } from '../../src/identifiers/uid.ts';
import { WORKLIST_ITEMS_MAX, WorklistService } from '../../src/worklist/worklistService.ts';
import { testWithDcmtk } from '../support/dcmtk.ts';
import { standBy } from '../support/echo.ts';
import { findscu } from '../support/find.ts';
import { orderOf, patientOf } from '../support/orders.ts';
import { AE_TITLE, PEER, startReceiver } from '../support/receiver.ts';

const ORDERS_PER_PAGE = 250;
const ACCESSION = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN' }] };
const patient = { ...patientOf('W700'), id: 'w700' };

/** A record with the most orders that a worklist may have: making them in a server would take longer than all else here. */
const record = {
  async *searchResourcePages() {
    for (let made = 0; made < WORKLIST_ITEMS_MAX; made += ORDERS_PER_PAGE) {
      const orders = Array.from({ length: ORDERS_PER_PAGE }, (_, at) => orderNumber(made + at));
      yield await Promise.resolve([...orders, patient]);
    }
  },
} as unknown as MedplumClient;

const orderNumber = (number: number) => ({
  ...orderOf(patient, {
    identifier: [
      { system: 'urn:dicom:uid', value: urnOfUid(newUid()) },
      { type: ACCESSION, value: String(number) },
    ],
  }),
  id: String(number),
});

testWithDcmtk('while the longest worklist is answered, an echo is answered at its beginning', async () => {
  const worklist = new WorklistService({
    server: { client: () => Promise.resolve(record) },
    peers: { find: () => undefined, mayUse: () => true },
    clock: new LocalClock('Europe/Berlin'),
    onTaken: () => undefined,
  });
  let items = 0;
  let itemsBeforeEcho: number | undefined;
  let echoed: Promise<void> | undefined;
  const counted: DimseService = {
    sopClassUids: worklist.sopClassUids,
    async *answer(message, context) {
      for await (const answer of worklist.answer(message, context)) {
        echoed ??= bystander.echo().then(() => void (itemsBeforeEcho = items));
        items += 1;
        yield answer;
      }
    },
  };
  const receiver = await startReceiver({ services: [counted] });
  const bystander = await standBy(receiver.port, PEER, AE_TITLE);
  try {
    const found = await findscu(receiver.port, ['PatientName', '(0040,0100)[0].Modality']);
    await echoed;
    expect(found.status).toMatch(/^Success/);
    expect(found.items).toHaveLength(WORKLIST_ITEMS_MAX);
    expect(itemsBeforeEcho).toBeLessThan(WORKLIST_ITEMS_MAX / 10);
  } finally {
    await bystander.leave();
    await receiver.stop();
  }
});
