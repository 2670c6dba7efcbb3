import type { Condition } from '../../../fhir/search/ast.ts';
import type { Key } from '../../index/rows.ts';
import { patientPaths } from '../conditions/ofPatients.ts';
import type { MatchContext, Matcher } from './candidate.ts';

/** As `ofPatientsCondition` of a row. A contained resource is never a patient of the set, whatever its id. */
export function ofPatientsMatcher(
  context: MatchContext,
  condition: Extract<Condition, { kind: 'of-patients' }>,
): Matcher {
  const { index, type } = context;
  const { spans } = condition.patients;
  const paths = patientPaths(context, condition);
  const hasSelf = condition.self && type === 'Patient';
  return ({ id, isContained, rows }) => {
    const { dateLoMs, dateHiMs } = rows;
    const counts = (patient: Key) => {
      if (!spans.has(patient)) return false;
      const span = spans.get(patient);
      return span === undefined || dateLoMs === null || (dateLoMs <= span.hiMs && dateHiMs! >= span.loMs);
    };
    if (hasSelf && !isContained && id !== undefined && counts(index.selfKey(type, id))) return true;
    return rows.keys.some((key) => paths.some((path) => counts(key ^ path)));
  };
}
