import type { Attempt, Ledger } from './ledger.ts';
import { tell } from './requests.ts';
import {
  TYPES,
  byCriteria,
  contentOf,
  fhirPathPatch,
  jsonPatch,
  markCriteria,
  nameCriteria,
  personContent,
  personCriteria,
  personReference,
  resourceText,
  withPersons,
} from './texts.ts';
import { learn, someKey, typeOf, type WriterState } from './writerState.ts';

interface Part {
  attempt: Attempt;
  entry: string;
}

type MakePart = (state: WriterState, group: number, key: string) => Part;

/** Stands for the person of a transaction. */
const PERSON_URL = 'urn:uuid:7f6c1f2e-6d0c-4c0e-9a51-0d6f1c3b2a10';

/**
 * A transaction of a creation, one or two updates or patches, perhaps a person who is made unless he is there, to whom
 * another resource refers, and a deletion where there is something to delete for certain.
 */
export async function transaction(state: WriterState): Promise<void> {
  const { client, ledger, random } = state;
  const group = ledger.group();
  const keys = new Set([someKey(state), someKey(state)]);
  const parts: Part[] = [
    created(state, group),
    ...[...keys].map((key) => random.pick(CHANGES)(state, group, key)),
    ...(random.oneIn(2) ? person(state, group) : []),
  ];
  const victim = state.victims.pop();
  if (victim !== undefined) parts.push(deletion(state, victim, group));
  const entries = parts.map(({ entry }) => entry).join();
  const body = `{"resourceType":"Bundle","type":"transaction","entry":[${entries}]}`;
  const headers = { prefer: 'return=representation' };
  const { outcome, answer } = await tell(client, ledger, '', { method: 'POST', headers, body });
  const answers = outcome === 'acknowledged' ? entriesOf(answer!.text) : [];
  if (outcome === 'acknowledged' && answers.length !== parts.length)
    ledger.violations.push(`a transaction of ${parts.length} entries got ${answers.length} answers`);
  const persons = personsIn(parts, answers);
  parts.forEach(({ attempt }, i) => {
    attempt.outcome = outcome;
    attempt.rest = withPersons(attempt.rest, (name) => persons.get(name));
    take(state, attempt, answers[i]);
  });
  // One that certainly was not deleted is there for the next.
  if (outcome === 'refused' && victim !== undefined) state.victims.push(victim);
}

/** Takes note of an entry and its answer, if there is one. */
function take(state: WriterState, attempt: Attempt, answer: EntryAnswer | undefined): void {
  const { key, version, text, status } = answer ?? {};
  if (attempt.unlessThere !== undefined && status === '200')
    return state.ledger.give({ key: key!, version: version!, text: text! });
  Object.assign(attempt, {
    ...(key !== undefined && { key }),
    ...(version !== undefined && { version }),
    ...(text !== undefined && { text }),
  });
  learn(state, attempt);
}

/** By the persons' names, ids of those that were made or found. */
function personsIn(parts: readonly Part[], answers: readonly EntryAnswer[]): Map<string, string> {
  return new Map(
    parts.flatMap(({ attempt }, i) =>
      attempt.unlessThere === undefined || answers[i] === undefined
        ? []
        : [[attempt.unlessThere, answers[i].key.split('/')[1]!]],
    ),
  );
}

const requestOf = (method: string, url: string, more: object = {}) =>
  JSON.stringify({ method, url, ...more });

function created({ ledger, random }: WriterState, group: number): Part {
  const type = random.pick(TYPES);
  const mark = ledger.mark();
  const rest = contentOf(type, undefined, mark, random);
  const attempt: Attempt = { key: undefined, type, kind: 'put', mark, rest, group, outcome: 'unknown' };
  const resource = resourceText(type, undefined, rest);
  return { attempt, entry: `{"resource":${resource},"request":${requestOf('POST', type)}}` };
}

const putting =
  (urlOf: (key: string) => string, sent: (content: string) => string): MakePart =>
  ({ ledger, random }, group, key) => {
    const [type, id] = [typeOf(key), key.split('/')[1]];
    const mark = ledger.mark();
    const rest = contentOf(type, id, mark, random);
    const attempt: Attempt = { key, type, kind: 'put', mark, rest, group, outcome: 'unknown' };
    const resource = resourceText(type, id, sent(rest));
    return { attempt, entry: `{"resource":${resource},"request":${requestOf('PUT', urlOf(key))}}` };
  };

const patching =
  (urlOf: (key: string) => string): MakePart =>
  ({ ledger, random }, group, key) => {
    const type = typeOf(key);
    const mark = ledger.mark();
    const attempt: Attempt = { key, type, kind: 'patch', mark, rest: '', group, outcome: 'unknown' };
    const data = Buffer.from(jsonPatch(mark)).toString('base64');
    const binary = `{"resourceType":"Binary","contentType":"application/json-patch+json","data":"${data}"}`;
    const resource = random.oneIn(2) ? binary : fhirPathPatch(type, mark);
    return { attempt, entry: `{"resource":${resource},"request":${requestOf('PATCH', urlOf(key))}}` };
  };

const byId = (key: string) => key;
const byName = (key: string) => `${typeOf(key)}?${nameCriteria(key)}`;
const asItIs = (content: string) => content;

const CHANGES: MakePart[] = [
  putting(byId, asItIs),
  putting(byId, asItIs),
  putting(byName, asItIs),
  putting(byId, byCriteria),
  patching(byId),
  patching(byName),
];

/** A person, and an Observation that refers to whoever that is. */
function person({ ledger, random }: WriterState, group: number): Part[] {
  const name = ledger.person(random);
  return [
    personUnlessThere(ledger, group, name, random.pick(personCriteria(name))),
    referring(ledger, group, name),
  ];
}

function personUnlessThere(ledger: Ledger, group: number, name: string, criteria: string): Part {
  const mark = ledger.mark();
  const rest = personContent(name, mark);
  const unlessThere = name;
  const attempt: Attempt = {
    ...{ key: undefined, type: 'Patient', kind: 'put', mark, rest, group, unlessThere },
    expected: 0,
    outcome: 'unknown',
  };
  const request = requestOf('POST', 'Patient', { ifNoneExist: encodeURI(criteria) });
  const resource = resourceText('Patient', undefined, rest);
  return { attempt, entry: `{"fullUrl":"${PERSON_URL}","resource":${resource},"request":${request}}` };
}

function referring(ledger: Ledger, group: number, name: string): Part {
  const mark = ledger.mark();
  const content = (subject: string) =>
    `"identifier":[{"system":"urn:maxray:fault","value":"${mark}"}],"status":"final","code":{"text":"x"},"subject":{"reference":"${subject}"}`;
  const rest = content(personReference(name));
  const attempt: Attempt = {
    key: undefined,
    type: 'Observation',
    kind: 'put',
    mark,
    rest,
    group,
    outcome: 'unknown',
  };
  const resource = resourceText('Observation', undefined, content(PERSON_URL));
  return { attempt, entry: `{"resource":${resource},"request":${requestOf('POST', 'Observation')}}` };
}

function deletion(
  { random }: WriterState,
  { key, mark: itsMark }: WriterState['victims'][number],
  group: number,
): Part {
  const type = typeOf(key);
  const attempt: Attempt = { key, type, kind: 'delete', mark: '', rest: '', group, outcome: 'unknown' };
  const url = random.oneIn(2) ? key : `${type}?${markCriteria(itsMark)}`;
  return { attempt, entry: `{"request":${requestOf('DELETE', url)}}` };
}

interface EntryAnswer {
  key: string;
  status: string;
  text?: string;
  version?: number;
}

/** The entries of a transaction's answer; the resources as texts, to the letter. */
function entriesOf(bundle: string): EntryAnswer[] {
  const pattern =
    /\{"fullUrl":"[^"]*\/(\w+\/[^"/]+)",(?:"resource":(\{.*?\}),)?"response":(\{"status":"2\d\d [^}]*\})\}/gs;
  return [...bundle.matchAll(pattern)].map(([, key, text, response]) => {
    const { etag, status } = JSON.parse(response!) as { etag?: string; status: string };
    const version = etag === undefined ? {} : { version: Number(/\d+/.exec(etag)![0]) };
    return { key: key!, status: status.slice(0, 3), ...version, ...(text !== undefined && { text }) };
  });
}
