import type { HumanName } from '@medplum/fhirtypes';

/** HumanName.use by how well it names somebody now; those that are not here come last but before old ones. */
const USES = ['official', 'usual', undefined, 'temp', 'nickname', 'anonymous', 'maiden', 'old'];
/** What separates parts of names and values in DICOM, and what is no letter. */
const SEPARATORS = /[\\^=\p{Cc}]/gu;

/**
 * The best of somebody's names as DICOM has them (PS3.5 section 6.2.1): Family^Given^Middle^Prefix^Suffix, without empty parts at the end.
 *
 * @returns '' where there is none
 */
export function personNameOf(names: readonly HumanName[] | undefined): string {
  const [best] = (names ?? []).toSorted((a, b) => USES.indexOf(a.use) - USES.indexOf(b.use));
  if (!best) return '';
  const { family, given: [given, ...middle] = [], prefix, suffix, text } = best;
  if (family === undefined && given === undefined) return clean(text);
  const parts = [family, given, middle.join(' '), prefix?.join(' '), suffix?.join(' ')];
  return parts.map(clean).join('^').replace(/\^+$/, '');
}

const clean = (part = ''): string => part.replaceAll(SEPARATORS, ' ').trim();
