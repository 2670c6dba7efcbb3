import type { Attempt } from './ledger.ts';
import { TYPES, contentOf, resourceText, tell } from './requests.ts';
import { learn, someKey, typeOf, type WriterState } from './writerState.ts';

interface Part {
  attempt: Attempt;
  entry: string;
}

/** A transaction of a creation, one or two updates, and a deletion where there is something to delete for certain. */
export async function transaction(state: WriterState): Promise<void> {
  const { client, ledger } = state;
  const group = ledger.group();
  const keys = new Set([someKey(state), someKey(state)]);
  const parts: Part[] = [
    written(state, group, undefined),
    ...[...keys].map((key) => written(state, group, key)),
  ];
  const victim = state.victims.pop();
  if (victim !== undefined) parts.push(deletion(victim, group));
  const body = `{"resourceType":"Bundle","type":"transaction","entry":[${parts.map(({ entry }) => entry).join()}]}`;
  const headers = { prefer: 'return=representation' };
  const { outcome, answer } = await tell(client, ledger, '', { method: 'POST', headers, body });
  const answers = outcome === 'acknowledged' ? entriesOf(answer!.text) : [];
  if (outcome === 'acknowledged' && answers.length !== parts.length)
    ledger.violations.push(`a transaction of ${parts.length} entries got ${answers.length} answers`);
  parts.forEach(({ attempt }, i) => {
    attempt.outcome = outcome;
    Object.assign(attempt, answers[i]);
    learn(state, attempt);
  });
  // One that certainly was not deleted is there for the next.
  if (outcome === 'refused' && victim !== undefined) state.victims.push(victim);
}

function written(state: WriterState, group: number, key: string | undefined): Part {
  const { ledger, random } = state;
  const type = key === undefined ? random.pick(TYPES) : typeOf(key);
  const mark = ledger.mark();
  const rest = contentOf(type, mark, random);
  const resource = resourceText(type, key?.split('/')[1], rest);
  const request = key === undefined ? { method: 'POST', url: type } : { method: 'PUT', url: key };
  const attempt: Attempt = { key, type, kind: 'put', mark, rest, group, outcome: 'unknown' };
  return { attempt, entry: `{"resource":${resource},"request":${JSON.stringify(request)}}` };
}

function deletion(key: string, group: number): Part {
  const attempt: Attempt = {
    key,
    type: typeOf(key),
    kind: 'delete',
    mark: '',
    rest: '',
    group,
    outcome: 'unknown',
  };
  return { attempt, entry: JSON.stringify({ request: { method: 'DELETE', url: key } }) };
}

interface EntryAnswer {
  key: string;
  text?: string;
  version?: number;
}

/** The entries of a transaction's answer; the resources as texts, to the letter. */
function entriesOf(bundle: string): EntryAnswer[] {
  const pattern =
    /\{"fullUrl":"[^"]*\/(\w+\/[^"/]+)",(?:"resource":(\{.*?\}),)?"response":(\{"status":"2\d\d [^}]*\})\}/gs;
  return [...bundle.matchAll(pattern)].map(([, key, text, response]) => {
    const { etag } = JSON.parse(response!) as { etag?: string };
    const version = etag === undefined ? {} : { version: Number(/\d+/.exec(etag)![0]) };
    return { key: key!, ...version, ...(text !== undefined && { text }) };
  });
}
