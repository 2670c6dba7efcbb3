import type { Resource } from '@medplum/fhirtypes';
import { catalogue } from './catalogue.ts';
import { equipment } from './equipment.ts';
import { forms } from './forms.ts';
import { formulary } from './formulary.ts';
import { insurers } from './insurers.ts';
import { places } from './places.ts';
import { prices } from './prices.ts';
import { services } from './services.ts';
import { staff } from './staff.ts';

/** Everything of the clinic that is not about one patient. */
export function clinic(startMs: number, untilMs: number): Resource[] {
  return [
    ...places(),
    ...insurers(),
    ...staff(),
    ...equipment(),
    ...services(startMs, untilMs),
    ...catalogue(),
    ...formulary(untilMs),
    ...forms(untilMs),
    ...prices(),
  ];
}
