import { COUNT_MAX } from '../fhir/search/limits.ts';
import type { AuditEvents } from '../records/auditLog/auditEvents.ts';
import type { Operation } from './operation.ts';
import { parameterFault } from './parameterFault.ts';
import { acceptOnly, PAGE_PARAMETER, positiveInt, time } from './values.ts';

/** AuditEvents of a page when the client names no `_count`. */
const COUNT_DEFAULT = 100;

/** `Patient/[id]/$access-report`: who saw or changed the patient's data, from `start` to `end`, as AuditEvents. */
export function accessReportOperation(auditEvents: Pick<AuditEvents, 'accessReport'>): Operation {
  return {
    name: 'access-report',
    definition: 'https://maxray.example/fhir/OperationDefinition/access-report',
    levels: ['instance'],
    types: ['Patient'],
    affectsState: false,
    run: async ({ caller, id, parameters }) => {
      acceptOnly(parameters, 'access-report', ['start', 'end', '_count']);
      const [start, end] = [time(parameters, 'start'), time(parameters, 'end')];
      if (start && end && start.loMs > end.hiMs)
        throw parameterFault('invalid', 'start', 'start must not be after end.');
      const page = parameters.text(PAGE_PARAMETER);
      const result = await auditEvents.accessReport(caller, {
        patient: id!,
        count: Math.min(positiveInt(parameters, '_count', COUNT_DEFAULT), COUNT_MAX),
        ...(start && { fromMs: start.loMs }),
        ...(end && { toMs: end.hiMs }),
        ...(page !== undefined && { page }),
      });
      const used = parameters.pairs().filter(([name]) => name !== PAGE_PARAMETER);
      return { kind: 'page', result, used, ...(page !== undefined && { page }) };
    },
  };
}
