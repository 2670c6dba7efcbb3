import type { Patient } from './patient.ts';
import type { ImagingStudy, Series } from './record.ts';

const NAME_USES = ['official', 'usual', undefined];

/** `Rossi, Anna Maria`. */
export function nameOf({ name = [] }: Patient): string | undefined {
  const best = NAME_USES.map((use) => name.find((one) => one.use === use)).find(Boolean) ?? name[0];
  if (!best) return undefined;
  const parts = [best.family, best.given?.join(' ')].filter((part) => part !== undefined && part !== '');
  return parts.length > 0 ? parts.join(', ') : best.text;
}

/** Date of birth, sex and record number, as far as they are known. */
export function factsOf({ birthDate, gender, identifier = [] }: Patient): string {
  const number =
    identifier.find(({ type }) => type?.coding?.some(({ code }) => code === 'MR')) ?? identifier[0];
  const facts = [
    birthDate === undefined ? undefined : `born ${birthDate}`,
    gender,
    number?.value === undefined ? undefined : `no. ${number.value}`,
  ];
  return facts.filter((fact) => fact !== undefined).join(' \u00b7 ');
}

/** What a study is and when it was made: `2026-03-01 14:05, DX, Chest PA`. Times are those of its place, as they are written. */
export function titleOf({ started, modality = [], description, series = [] }: ImagingStudy): string {
  const kinds = modality.map(({ code }) => code).join(' ') || series[0]?.modality?.code;
  const what = description ?? series.map(labelOf).find((label) => label !== undefined);
  const parts = [timeOf(started), kinds, what].filter((part) => part !== undefined && part !== '');
  return parts.length > 0 ? parts.join(', ') : 'Study without a date';
}

const timeOf = (started: string | undefined): string | undefined => started?.slice(0, 16).replace('T', ' ');

/** What a series shows, as far as that is said. */
export const labelOf = ({ description, bodySite }: Series): string | undefined =>
  description ?? bodySite?.display;
