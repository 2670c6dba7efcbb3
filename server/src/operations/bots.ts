import type { Bots } from '../bots/bots.ts';
import { fhirError } from '../fhir/outcome.ts';
import { LOCAL_CALLER, type Caller } from '../records/caller.ts';
import type { Records } from '../records/records.ts';
import type { Operation, OperationAnswer, OperationRequest } from './operation.ts';
import { acceptOnly } from './values.ts';

const MEDPLUM = 'https://medplum.com/fhir/OperationDefinition/Bot';
const OWN = 'https://maxray.example/fhir/OperationDefinition';
const FHIR_JSON = 'application/fhir+json';
const ALL_OK = {
  resourceType: 'OperationOutcome',
  id: 'ok',
  issue: [{ severity: 'information', code: 'informational', details: { text: 'All OK' } }],
};
/** Longest body that a bot is given. */
const INPUT_BYTES_MAX = 16 * 2 ** 20;
/** What a bot is told of the request. */
const HEADERS = [
  'idempotency-key',
  'content-type',
  'accept',
  'accept-language',
  'user-agent',
  'stripe-signature',
  'x-signature',
  'x-twilio-signature',
  'x-request-id',
];
/** Headers with which a sender signs the body. */
const SIGNATURES = ['stripe-signature', 'x-signature'];

export interface BotDoors {
  bots: Bots;
  records: Pick<Records, 'parseSearch' | 'search'>;
}

/** Operations on Bots, as MedplumClient calls them. */
export function botOperations(doors: BotDoors): Operation[] {
  const { bots } = doors;
  const onBot = { types: ['Bot'], affectsState: true };
  return [
    {
      ...onBot,
      name: 'execute',
      definition: `${MEDPLUM}-execute`,
      levels: ['type', 'instance'],
      rawBodyBytesMax: INPUT_BYTES_MAX,
      run: (request) => execute(doors, request),
    },
    {
      ...onBot,
      name: 'deploy',
      definition: `${MEDPLUM}-deploy`,
      levels: ['instance'],
      takesPlainJson: true,
      run: async ({ caller, id, plainJson, parameters }) => {
        const code = plainJson?.code ?? parameters.text('code');
        const filename = plainJson?.filename ?? parameters.text('filename') ?? 'index.js';
        if (typeof code !== 'string' || typeof filename !== 'string')
          throw fhirError(
            'incorrect',
            'required',
            "Send JSON with the bot's 'code' and its 'filename' as strings.",
          );
        await bots.deploy(caller, id!, code, filename);
        return { kind: 'resource', body: JSON.stringify(ALL_OK) };
      },
    },
    {
      name: 'run-log',
      definition: `${OWN}/bot-run-log`,
      types: ['Bot'],
      affectsState: false,
      levels: ['instance'],
      run: async ({ caller, id, parameters }) => {
        acceptOnly(parameters, 'run-log', []);
        if (!caller.isAdministrator) throw notAllowed();
        const parameter = bots.linesOf(id!).map(({ time, level, text }) => ({
          name: 'line',
          part: [
            { name: 'time', valueInstant: time },
            { name: 'level', valueCode: level },
            { name: 'text', valueString: text },
          ],
        }));
        const body = { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
        return { kind: 'resource', body: JSON.stringify(body) };
      },
    },
  ];
}

async function execute(doors: BotDoors, request: OperationRequest): Promise<OperationAnswer> {
  const { caller, rawBody } = request;
  const bot = request.id ?? (await botOf(doors, request));
  if (!doors.bots.mayExecute(caller, bot)) throw notAllowed();
  const { contentType = FHIR_JSON, bytes, headers } = rawBody!;
  const kept = HEADERS.flatMap((name): [string, string][] => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  const value = await doors.bots.run({
    bot,
    trigger: '$execute',
    contentType,
    input: inputOf(
      contentType,
      bytes,
      SIGNATURES.some((name) => name in headers),
    ),
    headers: { 'idempotency-key': request.http?.requestId ?? '', ...Object.fromEntries(kept) },
    requester: caller,
  });
  return answerOf(value);
}

/** `identifier=system|value`, which names one Bot. Who may execute it need not see it. */
async function botOf({ records }: BotDoors, { caller, parameters }: OperationRequest): Promise<string> {
  const identifier = parameters.text('identifier');
  if (identifier === undefined)
    throw fhirError('incorrect', 'required', 'Name the Bot: Bot/[id]/$execute, or ?identifier=system|value.');
  const found = await botsBy(records, LOCAL_CALLER, identifier);
  if (found.length === 1) return found[0]!;
  if (!caller.isAdministrator) throw notAllowed(); // which tells nobody what there is
  throw fhirError(
    'not-found',
    found.length === 0 ? 'not-found' : 'multiple-matches',
    found.length === 0 ? 'There is no Bot with this identifier.' : 'Several Bots have this identifier.',
  );
}

async function botsBy(records: BotDoors['records'], caller: Caller, identifier: string): Promise<string[]> {
  const pairs: [string, string][] = [
    ['identifier', identifier],
    ['_count', '2'],
  ];
  const { query } = records.parseSearch({ type: 'Bot' }, pairs, 'strict');
  return (await records.search(caller, query)).matches.map(({ id }) => id);
}

/** JSON as what it means; any other text as it stands, and JSON that is signed: the signature is over its bytes; what is no text in base64. */
function inputOf(contentType: string, bytes: Uint8Array, isSigned: boolean): unknown {
  if (bytes.length === 0) return undefined;
  if (/^application\/octet-stream|^(?:image|audio|video)\//.test(contentType))
    return Buffer.from(bytes).toString('base64');
  const text = Buffer.from(bytes).toString('utf8');
  if (isSigned || !/[/+]json\b/.test(contentType)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw fhirError('incorrect', 'structure', 'The body is no JSON, as its Content-Type says it is.');
  }
}

/** As Medplum answers: what the handler returned, or that all is well. */
function answerOf(text: string | undefined): OperationAnswer {
  if (text === undefined) return { kind: 'resource', body: JSON.stringify(ALL_OK) };
  const value = JSON.parse(text) as unknown;
  if (typeof value === 'string')
    return { kind: 'raw', contentType: 'text/plain; charset=utf-8', body: value };
  const isResource = typeof value === 'object' && value !== null && 'resourceType' in value;
  return { kind: 'raw', contentType: isResource ? FHIR_JSON : 'application/json', body: text };
}

const notAllowed = () =>
  fhirError(
    'forbidden',
    'forbidden',
    'You may not do this with this Bot: a policy has to name it, or you have to administer.',
  );
