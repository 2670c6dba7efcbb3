import type { JsonObject } from '../../fhir/resource.ts';
import { NO_INDEX, type ValidationState } from '../state.ts';

/** An Attachment whose `size` is not that of its `data`. */
export function checkAttachment(state: ValidationState, depth: number, attachment: JsonObject): void {
  const { data, size } = attachment;
  if (typeof data !== 'string' || typeof size !== 'number') return;
  if (size === base64Bytes(data)) return;
  const text = "'size' is not the number of bytes that 'data' has when it is decoded: correct one of them.";
  state.report('attachment-size', depth, '', NO_INDEX, text);
}

function base64Bytes(data: string): number {
  const compact = data.replaceAll(/[ \t\r\n]/g, '');
  const padding = compact.endsWith('==') ? 2 : compact.endsWith('=') ? 1 : 0;
  return (compact.length / 4) * 3 - padding;
}
