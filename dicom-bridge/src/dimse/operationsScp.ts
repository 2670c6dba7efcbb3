import dimse, { type requests, type responses } from 'dcmjs-dimse';
import type { Received } from './dispatch.ts';

/** How the library lets C-FIND, C-MOVE and C-GET be answered: as often as there are responses. */
type SendEach<R> = (responses: R[]) => void;

/** The library's provider, whose methods for operations all come to one: each names its operation and makes its response. */
export abstract class OperationsScp extends dimse.Scp {
  protected abstract perform<R extends responses.Response>(received: Received<R>): void;

  override cFindRequest(request: requests.CFindRequest, callback: SendEach<responses.CFindResponse>): void {
    const makeResponse = () => dimse.responses.CFindResponse.fromRequest(request);
    const send = (response: responses.CFindResponse) => callback([response]);
    this.perform({ operation: 'C-FIND', request, makeResponse, send });
  }

  override cMoveRequest(request: requests.CMoveRequest, callback: SendEach<responses.CMoveResponse>): void {
    const makeResponse = () => dimse.responses.CMoveResponse.fromRequest(request);
    const send = (response: responses.CMoveResponse) => callback([response]);
    this.perform({ operation: 'C-MOVE', request, makeResponse, send });
  }

  override cGetRequest(request: requests.CGetRequest, callback: SendEach<responses.CGetResponse>): void {
    const makeResponse = () => dimse.responses.CGetResponse.fromRequest(request);
    const send = (response: responses.CGetResponse) => callback([response]);
    this.perform({ operation: 'C-GET', request, makeResponse, send });
  }

  override nCreateRequest(
    request: requests.NCreateRequest,
    send: (response: responses.NCreateResponse) => void,
  ): void {
    const makeResponse = () => dimse.responses.NCreateResponse.fromRequest(request);
    this.perform({ operation: 'N-CREATE', request, makeResponse, send });
  }

  override nSetRequest(
    request: requests.NSetRequest,
    send: (response: responses.NSetResponse) => void,
  ): void {
    const makeResponse = () => dimse.responses.NSetResponse.fromRequest(request);
    this.perform({ operation: 'N-SET', request, makeResponse, send });
  }

  override nGetRequest(
    request: requests.NGetRequest,
    send: (response: responses.NGetResponse) => void,
  ): void {
    const makeResponse = () => dimse.responses.NGetResponse.fromRequest(request);
    this.perform({ operation: 'N-GET', request, makeResponse, send });
  }

  override nActionRequest(
    request: requests.NActionRequest,
    send: (response: responses.NActionResponse) => void,
  ): void {
    const makeResponse = () => dimse.responses.NActionResponse.fromRequest(request);
    this.perform({ operation: 'N-ACTION', request, makeResponse, send });
  }

  override nDeleteRequest(
    request: requests.NDeleteRequest,
    send: (response: responses.NDeleteResponse) => void,
  ): void {
    const makeResponse = () => dimse.responses.NDeleteResponse.fromRequest(request);
    this.perform({ operation: 'N-DELETE', request, makeResponse, send });
  }

  override nEventReportRequest(
    request: requests.NEventReportRequest,
    send: (response: responses.NEventReportResponse) => void,
  ): void {
    const makeResponse = () => dimse.responses.NEventReportResponse.fromRequest(request);
    this.perform({ operation: 'N-EVENT-REPORT', request, makeResponse, send });
  }
}
