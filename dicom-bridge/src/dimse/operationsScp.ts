import dimse, { type requests } from 'dcmjs-dimse';
import type { Received } from './dispatch.ts';
import { StrictScp } from './strictScp.ts';

const { responses } = dimse;

/**
 * The library's provider, whose methods for operations all come to one: each names its operation and makes its response. The callbacks that they are
 * given are not used: they take one response, and pending ones come before that.
 */
export abstract class OperationsScp extends StrictScp {
  protected abstract perform(received: Received): void;

  override cFindRequest(request: requests.CFindRequest): void {
    const makeResponse = () => responses.CFindResponse.fromRequest(request);
    this.perform({ operation: 'C-FIND', request, makeResponse });
  }

  override cMoveRequest(request: requests.CMoveRequest): void {
    const makeResponse = () => responses.CMoveResponse.fromRequest(request);
    this.perform({ operation: 'C-MOVE', request, makeResponse });
  }

  override cGetRequest(request: requests.CGetRequest): void {
    const makeResponse = () => responses.CGetResponse.fromRequest(request);
    this.perform({ operation: 'C-GET', request, makeResponse });
  }

  override nCreateRequest(request: requests.NCreateRequest): void {
    const makeResponse = () => responses.NCreateResponse.fromRequest(request);
    this.perform({ operation: 'N-CREATE', request, makeResponse });
  }

  override nSetRequest(request: requests.NSetRequest): void {
    const makeResponse = () => responses.NSetResponse.fromRequest(request);
    this.perform({ operation: 'N-SET', request, makeResponse });
  }

  override nGetRequest(request: requests.NGetRequest): void {
    const makeResponse = () => responses.NGetResponse.fromRequest(request);
    this.perform({ operation: 'N-GET', request, makeResponse });
  }

  override nActionRequest(request: requests.NActionRequest): void {
    const makeResponse = () => responses.NActionResponse.fromRequest(request);
    this.perform({ operation: 'N-ACTION', request, makeResponse });
  }

  override nDeleteRequest(request: requests.NDeleteRequest): void {
    const makeResponse = () => responses.NDeleteResponse.fromRequest(request);
    this.perform({ operation: 'N-DELETE', request, makeResponse });
  }

  override nEventReportRequest(request: requests.NEventReportRequest): void {
    const makeResponse = () => responses.NEventReportResponse.fromRequest(request);
    this.perform({ operation: 'N-EVENT-REPORT', request, makeResponse });
  }
}
