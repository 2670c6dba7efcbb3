import type { JsonObject } from '../fhir/resource.ts';
import { fhirError } from '../fhir/outcome.ts';
import type { Label, MetaRecords } from '../records/meta.ts';
import { addLabels, deleteLabels } from './labels.ts';
import type { Operation, OperationAnswer, OperationRequest } from './operation.ts';
import type { OperationParameter, OperationParameters } from './parameters.ts';
import { acceptOnly } from './values.ts';
import { parameterFault } from './parameterFault.ts';

/**
 * `$meta`: of a resource or a version its meta, of a type or the system the labels in use
 * (http://hl7.org/fhir/R4/resource-operation-meta.html).
 */
export function metaOperation(meta: MetaRecords): Operation {
  return {
    name: 'meta',
    definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta',
    levels: ['system', 'type', 'instance', 'version'],
    affectsState: false,
    run: async ({ caller, type, id, versionId, parameters }) => {
      acceptOnly(parameters, 'meta', []);
      if (id === undefined) return answer(metaOfLabels(await meta.inUse(caller, type)));
      return answer(await meta.read(caller, type!, id, versionId));
    },
  };
}

/** `$meta-add` (http://hl7.org/fhir/R4/resource-operation-meta-add.html). */
export function metaAddOperation(meta: MetaRecords): Operation {
  return changeOperation(meta, 'meta-add', addLabels);
}

/** `$meta-delete` (http://hl7.org/fhir/R4/resource-operation-meta-delete.html). */
export function metaDeleteOperation(meta: MetaRecords): Operation {
  return changeOperation(meta, 'meta-delete', deleteLabels);
}

function changeOperation(
  records: MetaRecords,
  name: string,
  change: (meta: JsonObject, labels: JsonObject) => boolean,
): Operation {
  return {
    name,
    definition: `http://hl7.org/fhir/OperationDefinition/Resource-${name}`,
    levels: ['instance', 'version'],
    affectsState: true,
    run: async ({ caller, type, id, versionId, parameters }: OperationRequest) => {
      if (versionId !== undefined) throw versionsStay(name, type!, id!);
      const labels = metaParameter(parameters, name).exact as JsonObject;
      return answer(await records.change(caller, type!, id!, (meta) => change(meta, labels)));
    },
  };
}

function metaParameter(parameters: OperationParameters, operation: string): OperationParameter {
  acceptOnly(parameters, operation, ['meta']);
  const [meta, ...more] = parameters.named('meta');
  if (meta?.valueType === 'Meta' && more.length === 0) return meta;
  const text = `$${operation} takes one parameter 'meta' with a valueMeta, in a Parameters resource.`;
  throw parameterFault(meta === undefined ? 'required' : 'value', 'meta', text);
}

/** R4 lets servers change labels of past versions; here the history is only ever added to. */
function versionsStay(operation: string, type: string, id: string) {
  const text = `A version that was stored does not change any more: call ${type}/${id}/$${operation}, which makes a new one.`;
  return fhirError('unprocessable', 'not-supported', text);
}

function metaOfLabels(labels: readonly Label[]): JsonObject {
  const of = (kind: Label['kind']) => labels.filter((label) => label.kind === kind);
  const codings = (kind: 'security' | 'tag') =>
    of(kind).map(({ system, code, display }) => ({
      ...(system !== null && { system }),
      ...(code !== null && { code }),
      ...(display !== null && { display }),
    }));
  const lists = {
    profile: of('profile').map(({ code }) => code),
    security: codings('security'),
    tag: codings('tag'),
  };
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

function answer(meta: JsonObject): OperationAnswer {
  // FHIR has no empty objects: where there is no label there is nothing to return.
  const parameter = Object.keys(meta).length === 0 ? undefined : [{ name: 'return', valueMeta: meta }];
  return { kind: 'resource', body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
}
