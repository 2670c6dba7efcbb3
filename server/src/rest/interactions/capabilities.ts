import { COMPARTMENT_TYPES } from '../../fhir/definitions/compartments.ts';
import type { Definitions, SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import type { Operation, OperationRegistry } from '../../operations/operation.ts';
import type { Supported, SupportedProfiles } from '../../records/packages/supportedProfiles.ts';
import type { Records } from '../../records/records.ts';
import { PATCH_FORMATS } from '../http/patchFormats.ts';
import type { Interaction } from '../http/types.ts';
import {
  SUBSCRIPTION_PROFILE,
  SUBSCRIPTION_SERVER,
  topicExtensions,
  websocketExtension,
  type SubscriptionSupport,
} from './subscriptionCapabilities.ts';

export interface CapabilitySettings {
  base: string;
  /** Version of this software. */
  softwareVersion: string;
  /** Resources that one conditional delete may delete. */
  conditionalDeletesMax: number;
  /** When this process started: the statement describes it. */
  date: Date;
  oauth: OAuthUris;
}

/** Absolute URLs of the authorization server. */
export interface OAuthUris {
  authorize: string;
  token: string;
  introspect: string;
  revoke: string;
}

export interface CapabilityParts {
  records: Records;
  definitions: Definitions;
  operations: OperationRegistry;
  supported?: SupportedProfiles;
  subscriptions?: SubscriptionSupport;
}

const TYPE_INTERACTIONS = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
];
const SYSTEM_INTERACTIONS = ['transaction', 'batch', 'history-system', 'search-system'];

/** Parameters of every type that no SearchParameter defines (http://hl7.org/fhir/R4/search.html#all). */
const UNDEFINED_PARAMETERS = [
  { name: '_list', type: 'special' },
  { name: '_has', type: 'special' },
  { name: '_filter', type: 'special' },
];

/** Only at the level of the system. */
const TYPE_PARAMETER = { name: '_type', type: 'special' };

/** Where the search of a type is not what its parameters say of all others. */
const DOCUMENTATION: Readonly<Record<string, string>> = {
  AuditEvent:
    'The audit log is searched by date, _lastUpdated, _id, agent, agent:identifier, agent-name, patient, entity, type, subtype, action, outcome and address, sorted by date, without includes. ' +
    'AuditEvents that clients have stored are searched by all that is listed here, where the search also asks for _id, _tag, _security or _source.',
};

/** GET metadata (http://hl7.org/fhir/R4/http.html#capabilities): made from what the server really does. */
export function capabilitiesInteraction(parts: CapabilityParts, settings: CapabilitySettings): Interaction {
  let text = '';
  let change: number | undefined;
  let told: Supported | undefined;
  let offered: readonly string[] | undefined;
  return async () => {
    const { searchParametersChange } = parts.records;
    const supported = (await parts.supported?.current()) ?? NONE_SUPPORTED;
    const topics = (await parts.subscriptions?.topics()) ?? NO_TOPICS;
    if (change !== searchParametersChange || told !== supported || offered !== topics)
      text = JSON.stringify(capabilityStatement(parts, settings, supported, topics));
    change = searchParametersChange;
    offered = topics;
    told = supported;
    return { status: 200, body: text };
  };
}

const NO_TOPICS: readonly string[] = [];
const NONE_SUPPORTED: Supported = { profiles: new Map(), guides: [] };

function capabilityStatement(
  parts: CapabilityParts,
  settings: CapabilitySettings,
  { profiles, guides }: Supported,
  topics: readonly string[],
) {
  const { definitions, operations, records, subscriptions } = parts;
  const references = new References(definitions.resourceTypes, (type) => records.searchParameters(type));
  const atSystem = operations.all.filter(({ levels }) => levels.includes('system'));
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: settings.date.toISOString(),
    kind: 'instance',
    instantiates: [
      'http://hl7.org/fhir/CapabilityStatement/terminology-server',
      ...(subscriptions ? [SUBSCRIPTION_SERVER] : []),
    ],
    software: { name: 'MaxRay', version: settings.softwareVersion },
    implementation: { description: 'MaxRay FHIR server', url: settings.base },
    fhirVersion: definitions.fhirVersion,
    format: ['application/fhir+json', 'json', 'application/fhir+xml', 'xml'],
    patchFormat: PATCH_FORMATS,
    ...listOf('implementationGuide', guides),
    rest: [
      {
        ...(subscriptions && { extension: [websocketExtension(subscriptions.websocketUrl)] }),
        mode: 'server',
        security: security(settings.oauth),
        resource: definitions.resourceTypes.map((type) => ({
          ...(type === 'Subscription' && listOf('extension', topicExtensions(topics))),
          ...resourceCapability(parts, settings, references, type),
          ...listOf('supportedProfile', [
            ...(profiles.get(type) ?? []),
            ...(type === 'Subscription' && subscriptions ? [SUBSCRIPTION_PROFILE] : []),
          ]),
        })),
        interaction: SYSTEM_INTERACTIONS.map((code) => ({ code })),
        searchParam: systemParameters(parts),
        ...listOf('operation', atSystem.map(operationCapability)),
        compartment: COMPARTMENT_TYPES.map(
          (type) => `http://hl7.org/fhir/CompartmentDefinition/${type.toLowerCase()}`,
        ),
      },
    ],
  };
}

/** As SMART App Launch 1 wants it; later versions ask `.well-known/smart-configuration`. */
const security = (uris: OAuthUris) => ({
  extension: [
    {
      url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
      extension: Object.entries(uris).map(([url, valueUri]) => ({ url, valueUri: valueUri as string })),
    },
  ],
  cors: true,
  service: [
    {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
          code: 'SMART-on-FHIR',
        },
      ],
      text: 'OAuth 2.0 by the SMART App Launch framework',
    },
  ],
  description: 'Every request but this one needs an access token (Authorization: Bearer).',
});

function resourceCapability(
  { records, operations }: CapabilityParts,
  { conditionalDeletesMax }: CapabilitySettings,
  references: References,
  type: string,
) {
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...(DOCUMENTATION[type] !== undefined && { documentation: DOCUMENTATION[type] }),
    interaction: TYPE_INTERACTIONS.map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete: conditionalDeletesMax === 1 ? 'single' : 'multiple',
    searchInclude: ['*', ...references.from(type)],
    ...listOf('searchRevInclude', references.to(type)),
    searchParam: [...records.searchParameters(type).map(parameterCapability), ...UNDEFINED_PARAMETERS],
    ...listOf('operation', operations.ofType(type).map(operationCapability)),
  };
}

const parameterCapability = ({ code, url, type }: SearchParameterDefinition) => ({
  name: code,
  definition: url,
  type,
});

/** Those of all types: with `_type`, search-system takes what its types share. */
function systemParameters({ definitions, records }: CapabilityParts) {
  const codes = definitions.resourceTypes.map(
    (type) => new Set(records.searchParameters(type).map(({ code }) => code)),
  );
  const [first = ''] = definitions.resourceTypes;
  const ofAll = records.searchParameters(first).filter(({ code }) => codes.every((one) => one.has(code)));
  return [...ofAll.map(parameterCapability), ...UNDEFINED_PARAMETERS, TYPE_PARAMETER];
}

const operationCapability = ({ name, definition }: Operation) => ({ name, definition });

/** FHIR has no empty lists. */
const listOf = <T>(name: string, items: readonly T[]) => (items.length === 0 ? {} : { [name]: items });

/** The references that `_include` and `_revinclude` can follow, as `Type:parameter`. */
class References {
  readonly #from = new Map<string, string[]>();
  readonly #to = new Map<string, string[]>();
  readonly #toAny: string[] = [];

  constructor(
    types: readonly string[],
    parametersOf: (type: string) => readonly SearchParameterDefinition[],
  ) {
    for (const type of types) {
      const references = parametersOf(type).filter((parameter) => parameter.type === 'reference');
      this.#from.set(
        type,
        references.map(({ code }) => `${type}:${code}`),
      );
      for (const { code, target } of references) this.#add(`${type}:${code}`, target);
    }
  }

  /** Of the type. */
  from(type: string): readonly string[] {
    return this.#from.get(type) ?? [];
  }

  /** Of any type, that may lead to the type. */
  to(type: string): readonly string[] {
    return [...(this.#to.get(type) ?? []), ...this.#toAny].sort();
  }

  #add(name: string, targets: readonly string[] | undefined): void {
    if (targets === undefined || targets.includes('Resource')) {
      this.#toAny.push(name);
      return;
    }
    for (const target of targets) {
      const names = this.#to.get(target);
      if (names === undefined) this.#to.set(target, [name]);
      else names.push(name);
    }
  }
}
