import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import dimse, { type association, type requests, type responses } from 'dcmjs-dimse';

const { PresentationContextResult } = dimse.constants;
const COMMITMENT_INSTANCE = '1.2.840.10008.1.20.1.1';

/** What a modality was told of its objects. */
export interface ToldReport {
  /** 1: all are kept; 2: some are not. */
  eventType: number;
  transactionUid: string;
  /** SOP Instance UIDs. */
  committed: string[];
  /** By SOP Instance UID, Failure Reason. */
  failed: Record<string, number>;
}

export interface ReportReceiver {
  reports: ToldReport[];
  stop(): Promise<void>;
}

interface ReportedItem {
  ReferencedSOPInstanceUID: string;
  FailureReason: number;
}

/** A modality that waits for reports of storage commitment. */
export async function receiveReports(port: number): Promise<ReportReceiver> {
  const reports: ToldReport[] = [];
  const sockets = new Set<Socket>();
  class Modality extends dimse.Scp {
    readonly #socket: Socket;

    constructor(socket: Socket) {
      super(socket);
      this.#socket = socket;
      this.on('networkError', () => socket.destroy());
    }

    override associationRequested(asked: association.Association): void {
      for (const { context } of asked.getPresentationContexts()) {
        // A provider that calls itself a user, or says nothing of it, may not report.
        if (context.getProviderRole())
          context.setResult(PresentationContextResult.Accept, context.getTransferSyntaxUids()[0]);
        else context.setResult(PresentationContextResult.RejectUser);
      }
      this.sendAssociationAccept();
    }

    override nEventReportRequest(
      request: requests.NEventReportRequest,
      callback: (response: responses.NEventReportResponse) => void,
    ): void {
      const told = request.getDataset()!.getElements() as Record<string, ReportedItem[] | string | undefined>;
      const items = (name: string) => [...((told[name] as ReportedItem[] | undefined) ?? [])];
      reports.push({
        eventType: request.getEventTypeId(),
        transactionUid: told['TransactionUID'] as string,
        committed: items('ReferencedSOPSequence').map((item) => item.ReferencedSOPInstanceUID),
        failed: Object.fromEntries(
          items('FailedSOPSequence').map((item) => [item.ReferencedSOPInstanceUID, item.FailureReason]),
        ),
      });
      const response = dimse.responses.NEventReportResponse.fromRequest(request);
      response.setStatus(0);
      callback(response);
    }

    override associationReleaseRequested(): void {
      this.sendAssociationReleaseResponse();
      this.#socket.end();
    }

    override abort(): void {
      this.#socket.destroy();
    }
  }
  const server = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    void new Modality(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { reports, stop };
}

export interface CommitmentAsked {
  port: number;
  calling: string;
  transactionUid: string;
  /** SOP Class UID and SOP Instance UID of each. */
  objects: (readonly [sopClassUid: string, sopInstanceUid: string])[];
  actionType?: number;
  instance?: string;
}

/** Asks for storage commitment. @returns the status of the response, undefined where the peer does not take part in it */
export function askForCommitment(asked: CommitmentAsked): Promise<number | undefined> {
  const { port, calling, transactionUid, objects, actionType = 1, instance = COMMITMENT_INSTANCE } = asked;
  const request = new dimse.requests.NActionRequest(
    dimse.constants.SopClass.StorageCommitmentPushModel,
    instance,
    actionType,
  );
  const items = objects.map(([ReferencedSOPClassUID, ReferencedSOPInstanceUID]) => ({
    ReferencedSOPClassUID,
    ReferencedSOPInstanceUID,
  }));
  request.setDataset(new dimse.Dataset({ TransactionUID: transactionUid, ReferencedSOPSequence: items }));
  const client = new dimse.Client();
  client.addRequest(request);
  return new Promise((resolve, reject) => {
    let status: number | undefined;
    request.on('response', (response: responses.Response) => (status = response.getStatus()));
    client.on('networkError', reject);
    client.on('closed', () => resolve(status));
    client.send('127.0.0.1', port, calling, 'MAXRAY');
  });
}
