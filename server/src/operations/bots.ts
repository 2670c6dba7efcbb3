import type { Bots } from '../bots/bots.ts';
import { INPUT_BYTES_MAX, answerOf, toldHeaders, type BotAnswer } from '../bots/calls.ts';
import { fhirError } from '../fhir/outcome.ts';
import { LOCAL_CALLER, type Caller } from '../records/caller.ts';
import type { Records } from '../records/records.ts';
import type { Operation, OperationAnswer, OperationRequest } from './operation.ts';
import { acceptOnly } from './values.ts';
import { parameterFault } from './parameterFault.ts';

const MEDPLUM = 'https://medplum.com/fhir/OperationDefinition/Bot';
const OWN = 'https://maxray.example/fhir/OperationDefinition';
const FHIR_JSON = 'application/fhir+json';
const ALL_OK = {
  resourceType: 'OperationOutcome',
  id: 'ok',
  issue: [{ severity: 'information', code: 'informational', details: { text: 'All OK' } }],
};
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
  const value = await doors.bots.run({
    bot,
    trigger: '$execute',
    contentType,
    input: { bytes },
    headers: toldHeaders({ contentType, bytes, headers }, request.http?.requestId ?? ''),
    requester: caller,
  });
  return operationAnswer(answerOf(value));
}

/** `identifier=system|value`, which names one Bot. Who may execute it need not see it. */
async function botOf({ records }: BotDoors, { caller, parameters }: OperationRequest): Promise<string> {
  const identifier = parameters.text('identifier');
  if (identifier === undefined)
    throw parameterFault(
      'required',
      'identifier',
      'Name the Bot: Bot/[id]/$execute, or ?identifier=system|value.',
    );
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

/** What the handler returned, or that all is well. */
function operationAnswer(answer: BotAnswer | undefined): OperationAnswer {
  return answer ? { kind: 'raw', ...answer } : { kind: 'resource', body: JSON.stringify(ALL_OK) };
}

const notAllowed = () =>
  fhirError(
    'forbidden',
    'forbidden',
    'You may not do this with this Bot: a policy has to name it, or you have to administer.',
  );
