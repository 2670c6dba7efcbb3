import type { JsonObject } from '../../fhir/resource.ts';
import type { Coding, TerminologyRecords } from '../../records/terminology.ts';
import type { Operation, OperationRequest } from '../operation.ts';
import { parameterFault } from '../parameterFault.ts';
import { answering, codingOf, contextOf, missing, parametersResource } from './context.ts';

/** `CodeSystem/$subsumes` (http://hl7.org/fhir/R4/codesystem-operation-subsumes.html). */
export function subsumesOperation(terminology: TerminologyRecords): Operation {
  return {
    name: 'subsumes',
    definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes',
    levels: ['type', 'instance'],
    types: ['CodeSystem'],
    affectsState: false,
    run: (request) => answering(() => compare(terminology, request)),
  };
}

async function compare(terminology: TerminologyRecords, request: OperationRequest): Promise<JsonObject> {
  const { caller, id, parameters } = request;
  const own = id === undefined ? undefined : await terminology.resource(caller, 'CodeSystem', id);
  const [a, b] = [asked(request, 'A'), asked(request, 'B')];
  const system = (own?.url as string | undefined) ?? parameters.text('system') ?? a.system;
  if (system === undefined) throw missing('subsumes', 'system', "a 'system'");
  const isOther = (one: Coding) => one.system !== undefined && one.system !== system;
  if (isOther(a) || isOther(b))
    throw parameterFault(
      'invalid',
      isOther(a) ? 'codingA' : 'codingB',
      'The codes that $subsumes compares must be of one code system.',
    );
  if (a.version !== undefined && b.version !== undefined && a.version !== b.version)
    throw parameterFault(
      'invalid',
      'codingB',
      'The codings that $subsumes compares must be of one version: leave the versions out, or name one.',
    );
  const version =
    (own?.version as string | undefined) ?? parameters.text('version') ?? a.version ?? b.version;
  const context = contextOf(parameters);
  const codes = [a.code ?? '', b.code ?? ''] as const;
  const outcome = await terminology.subsumption(caller, system, version, codes, context);
  return parametersResource([{ name: 'outcome', valueCode: outcome }]);
}

function asked({ parameters }: OperationRequest, side: 'A' | 'B'): Coding {
  const [coding] = parameters.named(`coding${side}`);
  if (coding) return codingOf(coding);
  const code = parameters.text(`code${side}`);
  if (code === undefined) throw missing('subsumes', `code${side}`, `'code${side}' or 'coding${side}'`);
  return { code };
}
