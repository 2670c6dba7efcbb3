import dimse, { type requests, type responses } from 'dcmjs-dimse';
import { AE_TITLE, PEER } from './receiver.ts';

const PERFORMED_STEP = '1.2.840.10008.3.1.2.3.3';

/** What is answered to a message. */
export interface StepAnswer {
  status: number;
  comment?: string;
  errorId?: number;
  /** Affected SOP Instance UID. */
  sopInstanceUid?: string;
}

/** Who tells; absent: the peer, without TLS. */
export interface Teller {
  aeTitle: string;
  /** Over TLS, with these. */
  tls: { key: Buffer; cert: Buffer; ca: Buffer };
}

/** Says that a step has begun, as a modality does. @param sopInstanceUid undefined: the bridge is to make one */
export function createStep(
  port: number,
  sopInstanceUid: string | undefined,
  elements: Record<string, unknown>,
  teller?: Teller,
): Promise<StepAnswer> {
  const request = new dimse.requests.NCreateRequest(
    PERFORMED_STEP,
    sopInstanceUid as string,
    undefined as never,
  );
  return send(port, request, elements, teller);
}

/** Says what is known of a step now. */
export function setStep(
  port: number,
  sopInstanceUid: string,
  elements: Record<string, unknown>,
  teller?: Teller,
): Promise<StepAnswer> {
  const request = new dimse.requests.NSetRequest(PERFORMED_STEP, sopInstanceUid, undefined as never);
  return send(port, request, elements, teller);
}

function send(
  port: number,
  request: requests.Request,
  elements: Record<string, unknown>,
  teller: Teller | undefined,
): Promise<StepAnswer> {
  request.setDataset(new dimse.Dataset(elements));
  const client = new dimse.Client();
  client.addRequest(request);
  return new Promise((resolve, reject) => {
    request.on('response', (response: responses.Response) => resolve(answerOf(response)));
    client.on('networkError', reject);
    client.on('closed', () => reject(new Error('no answer')));
    const options = teller ? { securityOptions: { ...teller.tls, rejectUnauthorized: false } } : {};
    client.send('127.0.0.1', port, teller?.aeTitle ?? PEER, AE_TITLE, options);
  });
}

function answerOf(response: responses.Response): StepAnswer {
  const { ErrorComment, ErrorID, AffectedSOPInstanceUID } = response.getCommandDataset().getElements();
  return {
    status: response.getStatus(),
    ...(typeof ErrorComment === 'string' && { comment: ErrorComment }),
    ...(typeof ErrorID === 'number' && { errorId: ErrorID }),
    ...(typeof AffectedSOPInstanceUID === 'string' && { sopInstanceUid: AffectedSOPInstanceUID }),
  };
}
