import type { SlotKind } from '../slot.ts';
import { dateReader } from './date.ts';
import { isQuantityType, numberReader } from './quantity.ts';
import { referenceReader } from './reference.ts';
import { stringReader } from './text.ts';
import { tokenReader } from './token.ts';
import { isUriType } from './uri.ts';

/** Whether a kind of parameter can index values of a FHIR type. */
export function canRead(kind: SlotKind, type: string): boolean {
  switch (kind) {
    case 'token':
      return tokenReader(type) !== undefined;
    case 'reference':
      return referenceReader(type, undefined) !== undefined;
    case 'uri':
      return isUriType(type);
    case 'string':
    case 'phonetic':
      return stringReader(type) !== undefined;
    case 'date':
      return dateReader(type, '') !== undefined;
    case 'number':
      return numberReader(type) !== undefined;
    case 'quantity':
      return isQuantityType(type);
    case 'special':
      return type === 'BackboneElement';
  }
}
