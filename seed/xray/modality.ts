import dimse, { type requests, type responses } from 'dcmjs-dimse';
import { DX_IMAGE, dxImage, newUid } from './image.ts';
import type { View } from './phantom.ts';
import type { WorklistItem } from './worklistItem.ts';

/** Who is called, and as whom. */
export interface Station {
  host: string;
  port: number;
  /** AE title of the bridge. */
  called: string;
  aeTitle: string;
  name: string;
}

const { Client, Dataset } = dimse;
const { Status } = dimse.constants;
const PERFORMED_STEP = '1.2.840.10008.3.1.2.3.3';

dimse.log.setLevel('silent'); // what goes wrong is thrown

/** An X-ray unit that is none: it speaks DICOM as one does. */
export class Modality {
  readonly #station: Station;

  constructor(station: Station) {
    this.#station = station;
  }

  /** C-ECHO. @throws while it is not admitted */
  async echo(): Promise<void> {
    await this.#send(new dimse.requests.CEchoRequest());
  }

  /** The item of an order in its worklist; undefined while it is not there. */
  async findOrder(accessionNumber: string): Promise<WorklistItem | undefined> {
    const request = dimse.requests.CFindRequest.createWorklistFindRequest({
      AccessionNumber: accessionNumber,
      PatientName: '',
      PatientID: '',
      PatientBirthDate: '',
      PatientSex: '',
      StudyInstanceUID: '',
      RequestedProcedureDescription: '',
      ScheduledProcedureStepSequence: [
        { ScheduledStationAETitle: this.#station.aeTitle, Modality: 'DX', ScheduledProcedureStepID: '' },
      ],
    } as never);
    const answers = await this.#send(request);
    const found = answers.find((answer) => answer.getStatus() === Status.Pending)?.getDataset();
    return found && itemOf(found.getElements() as Record<string, unknown>);
  }

  /**
   * Takes one image of each view, and tells of it as it goes on (MPPS, PS3.4 annex F).
   *
   * @returns SOP Instance UIDs of what was stored
   */
  async takeImages(item: WorklistItem, views: readonly View[]): Promise<string[]> {
    const stepUid = newUid();
    const seriesInstanceUid = newUid();
    const { date, time } = now();
    const { aeTitle, name } = this.#station;
    await this.#tell(new dimse.requests.NCreateRequest(PERFORMED_STEP, stepUid, undefined as never), {
      ...stepOf(item, { aeTitle, name }),
      PerformedProcedureStepStartDate: date,
      PerformedProcedureStepStartTime: time,
      PerformedProcedureStepStatus: 'IN PROGRESS',
    });
    const taken: string[] = [];
    for (const [index, view] of views.entries()) {
      const number = index + 1;
      const image = dxImage({
        item,
        station: { aeTitle, name },
        seriesInstanceUid,
        number,
        view,
        date,
        time,
      });
      await this.#send(new dimse.requests.CStoreRequest(new Dataset(image)));
      taken.push(image['SOPInstanceUID'] as string);
    }
    const end = now();
    await this.#tell(new dimse.requests.NSetRequest(PERFORMED_STEP, stepUid, undefined as never), {
      PerformedProcedureStepStatus: 'COMPLETED',
      PerformedProcedureStepEndDate: end.date,
      PerformedProcedureStepEndTime: end.time,
      PerformedSeriesSequence: [seriesOf(seriesInstanceUid, item, taken)],
      ImageAndFluoroscopyAreaDoseProduct: '0.35',
      TotalNumberOfExposures: String(taken.length),
    });
    return taken;
  }

  async #tell(request: requests.Request, elements: Record<string, unknown>): Promise<void> {
    request.setDataset(new Dataset(elements));
    await this.#send(request);
  }

  /** On an association of its own. @throws Error for a refusal and a status of failure */
  #send(request: requests.Request): Promise<responses.Response[]> {
    const { host, port, called, aeTitle } = this.#station;
    const client = new Client();
    const answers: responses.Response[] = [];
    client.addRequest(request);
    return new Promise((resolve, reject) => {
      request.on('response', (response: responses.Response) => answers.push(response));
      client.on('networkError', reject);
      client.on('associationRejected', () =>
        reject(new Error(`${called} does not let ${aeTitle} in from this address.`)),
      );
      client.on('closed', () => {
        const failed = answers.find((answer) => !DONE.has(answer.getStatus()));
        if (failed || answers.length === 0)
          reject(new Error(`${called} answered ${failed?.getStatus().toString(16) ?? 'nothing'}.`));
        else resolve(answers);
      });
      client.send(host, port, aeTitle, called);
    });
  }
}

/** Statuses of answers that are no failure. */
const DONE: ReadonlySet<number> = new Set([Status.Success, Status.Pending]);

/** As a unit has it: local date and time. */
function now(): { date: string; time: string } {
  const at = new Date();
  const two = (...numbers: number[]): string => numbers.map((one) => String(one).padStart(2, '0')).join('');
  return {
    date: two(at.getFullYear(), at.getMonth() + 1, at.getDate()),
    time: two(at.getHours(), at.getMinutes(), at.getSeconds()),
  };
}

function itemOf(elements: Record<string, unknown>): WorklistItem {
  const text = (of: Record<string, unknown>, keyword: string): string => textOf(of[keyword]);
  const [step = {}] = (elements['ScheduledProcedureStepSequence'] ?? []) as Record<string, unknown>[];
  return {
    patientName: text(elements, 'PatientName'),
    patientId: text(elements, 'PatientID'),
    birthDate: text(elements, 'PatientBirthDate'),
    sex: text(elements, 'PatientSex'),
    accessionNumber: text(elements, 'AccessionNumber'),
    studyInstanceUid: text(elements, 'StudyInstanceUID'),
    description: text(elements, 'RequestedProcedureDescription'),
    stepId: text(step, 'ScheduledProcedureStepID'),
  };
}

/** The library has names as objects, alone or in lists. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return textOf(value[0]);
  if (typeof value === 'object' && value !== null)
    return textOf((value as { Alphabetic?: unknown }).Alphabetic);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function stepOf(item: WorklistItem, { aeTitle, name }: { aeTitle: string; name: string }) {
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    PatientName: item.patientName,
    PatientID: item.patientId,
    PatientBirthDate: item.birthDate,
    PatientSex: item.sex,
    PerformedProcedureStepID: item.stepId,
    PerformedStationAETitle: aeTitle,
    PerformedStationName: name,
    PerformedProcedureStepDescription: item.description,
    Modality: 'DX',
    StudyID: item.accessionNumber,
    ScheduledStepAttributesSequence: [
      {
        StudyInstanceUID: item.studyInstanceUid,
        AccessionNumber: item.accessionNumber,
        RequestedProcedureID: item.accessionNumber,
        ScheduledProcedureStepID: item.stepId,
      },
    ],
    PerformedSeriesSequence: [],
  };
}

function seriesOf(seriesInstanceUid: string, item: WorklistItem, taken: readonly string[]) {
  return {
    SeriesInstanceUID: seriesInstanceUid,
    ProtocolName: item.description,
    PerformingPhysicianName: '',
    OperatorsName: 'Ramirez^L',
    SeriesDescription: item.description,
    RetrieveAETitle: '',
    ReferencedImageSequence: taken.map((uid) => ({
      ReferencedSOPClassUID: DX_IMAGE,
      ReferencedSOPInstanceUID: uid,
    })),
  };
}
