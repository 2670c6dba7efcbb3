import type { CodeableConcept } from '@medplum/fhirtypes';
import type { Person } from './person.ts';

/** Languages in which somebody wants to be written to, best first, as BCP 47 tags: Patient.communication (the preferred one first), Practitioner.communication. */
export function languagesOf(person: Person): string[] {
  if (person.resourceType === 'Practitioner') return (person.communication ?? []).flatMap(tags);
  const spoken = [...(person.communication ?? [])];
  const preferred = spoken.filter((one) => one.preferred === true);
  const others = spoken.filter((one) => one.preferred !== true);
  return [...preferred, ...others].flatMap(({ language }) => tags(language));
}

const tags = (concept: CodeableConcept | undefined): string[] =>
  (concept?.coding ?? []).flatMap(({ code }) => code ?? []);

/** The first language of somebody that there are words in, by its primary subtag: `de` for `de-CH`. */
export function chooseLanguage<L extends string>(person: Person, known: readonly L[], otherwise: L): L {
  for (const tag of languagesOf(person)) {
    const primary = tag.toLowerCase().split('-')[0];
    const found = known.find((language) => language === primary);
    if (found !== undefined) return found;
  }
  return otherwise;
}
