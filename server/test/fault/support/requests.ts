import type { Answer, Client, Sending } from '../../acceptance/support/client.ts';
import type { Random } from '../../acceptance/support/mutations/random.ts';
import type { Ledger } from './ledger.ts';
import { ask, type Told } from './outcome.ts';

export const TYPES = ['Patient', 'Observation', 'Condition', 'Basic'] as const;
export type TypeName = (typeof TYPES)[number];

/** What must come back as it was sent: digits of decimals, characters of all planes, nothing normalized. */
const TEXTS = ['Müller', 'O\u0301 Brien', '山田太郎', 'a "quoted" \\ name', '𝔘nicode 🩻', 'plain'];
const DECIMALS = ['1.50', '0.10', '1e-7', '120', '37.0000', '9007199254740993'];

/** Members of a resource without resourceType, id and meta, as JSON text in the order and spelling that is kept. */
export function contentOf(type: TypeName, mark: string, random: Random): string {
  const identifier = `"identifier":[{"system":"urn:maxray:fault","value":${JSON.stringify(mark)}}]`;
  const text = JSON.stringify(random.pick(TEXTS));
  const subject = `"subject":{"reference":"Patient/shared-${random.below(4)}"}`;
  switch (type) {
    case 'Patient':
      return `${identifier},"name":[{"family":${text}}],"birthDate":"19${10 + random.below(90)}-01-01"`;
    case 'Observation':
      return `${identifier},"status":"final","code":{"text":${text}},${subject},"effectiveDateTime":"2024-0${1 + random.below(9)}-01","valueQuantity":{"value":${random.pick(DECIMALS)},"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}`;
    case 'Condition':
      return `${identifier},"code":{"coding":[{"system":"urn:codes","code":"c${random.below(20)}"}]},${subject},"recordedDate":"2023-05-0${1 + random.below(9)}"`;
    case 'Basic':
      return `${identifier},"code":{"text":${text}},"created":"2022"`;
  }
}

export const resourceText = (type: string, id: string | undefined, content: string): string =>
  `{"resourceType":"${type}",${id === undefined ? '' : `"id":"${id}",`}${content}}`;

/** Sends a request and says what its sender may conclude. */
export async function tell(client: Client, ledger: Ledger, path: string, sending: Sending): Promise<Told> {
  const started = performance.now();
  const told = await ask(client, path, sending);
  ledger.longestRequestMs = Math.max(ledger.longestRequestMs, performance.now() - started);
  if (told.isAway) ledger.refused503 += 1;
  if (told.fault !== undefined) ledger.violations.push(told.fault);
  return told;
}

export const versionOf = (answer: Answer): number | undefined => {
  const found = /^W\/"(\d+)"$/.exec(answer.headers.etag ?? '');
  return found ? Number(found[1]) : undefined;
};
