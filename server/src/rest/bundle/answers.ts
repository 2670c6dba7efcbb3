import type { TransactionResult } from '../../records/records.ts';
import { etag } from '../http/etag.ts';
import { preferences } from '../http/prefer.ts';
import type { BundleContext } from './context.ts';

/** The response entry of a write; with the resource where `Prefer: return=representation` asks for it. */
export function writeAnswer(context: BundleContext, result: TransactionResult): string {
  const { type, id, version, lastUpdated, content } = result;
  const fullUrl = `${context.base}/${type}/${id}`;
  const status = content === undefined ? '204 No Content' : result.created ? '201 Created' : '200 OK';
  const location = content === undefined ? {} : { location: `${fullUrl}/_history/${version}` };
  const made = version === undefined ? {} : { etag: etag(version), lastModified: lastUpdated!.toISOString() };
  const response = JSON.stringify({ status, ...location, ...made });
  const wanted = preferences(context.request.raw.headers.prefer).return === 'representation';
  const resource = content === undefined || !wanted ? '' : `"resource":${content},`;
  return `{"fullUrl":"${fullUrl}",${resource}"response":${response}}`;
}
