import type { HumanName } from '@medplum/fhirtypes';

type Gender = 'female' | 'male';

/** A person's name as used in daily life, and in its own script where that is not Latin. */
export interface FullName {
  gender: Gender;
  given: readonly string[];
  family: string;
  /** The same name in its own writing. */
  native?: { given: string; family: string; text: string };
  /** BCP 47 tag of the language preferred in care. */
  language: string;
}

const name = (
  gender: Gender,
  language: string,
  given: string,
  family: string,
  native?: FullName['native'],
): FullName => ({
  gender,
  language,
  given: given.split(' '),
  family,
  ...(native && { native }),
});
const native = (text: string, family: string, given: string) => ({ text, family, given });

/** The first twenty patients; every further one borrows from them. */
export const NAMES: readonly FullName[] = [
  name('female', 'en', 'Eleanor Ruth', 'Whitaker'),
  name('male', 'es', 'José Luis', 'Hernández Peña'),
  name('female', 'vi', 'Thị Mai', 'Nguyễn'),
  name('male', 'zh', 'Wei', 'Zhang', native('张伟', '张', '伟')),
  name('female', 'ar', 'Fatima', 'Al-Sayed', native('فاطمة السيد', 'السيد', 'فاطمة')),
  name('male', 'en', 'Marcus', 'Johnson'),
  name('female', 'de', 'Jördis Käthe', 'Großmann'),
  name('male', 'ru', 'Dmitri', 'Sokolov', native('Дмитрий Соколов', 'Соколов', 'Дмитрий')),
  name('female', 'ja', 'Yuki', 'Nakamura', native('中村 由紀', '中村', '由紀')),
  name('male', 'fr', 'Étienne', 'Lefèvre'),
  name('female', 'hi', 'Ananya', 'Sharma', native('अनन्या शर्मा', 'शर्मा', 'अनन्या')),
  name('male', 'en', 'Seán Patrick', 'Ó Briain'),
  name('female', 'pt', 'Conceição', 'Magalhães'),
  name('male', 'pl', 'Łukasz', 'Wiśniewski'),
  name('female', 'ko', 'Ji-woo', 'Kim', native('김지우', '김', '지우')),
  name('male', 'tr', 'Çağlar', 'Yıldız'),
  name('female', 'he', 'Noa', 'Mizrahi', native('נועה מזרחי', 'מזרחי', 'נועה')),
  name('male', 'el', 'Nikolaos', 'Papadopoulos', native('Νικόλαος Παπαδόπουλος', 'Παπαδόπουλος', 'Νικόλαος')),
  name('female', 'is', 'Björk', 'Þórsdóttir'),
  name('male', 'nv', 'Ahiga', 'Yazzie'),
];

const MORE_GIVEN: Record<Gender, readonly string[]> = {
  female: [
    'Amara',
    'Chloé',
    'Daniela',
    'Freya',
    'Grace',
    'Inés',
    'Leila',
    'Maren',
    'Olivia',
    'Renée',
    'Sofía',
    'Zofia',
  ],
  male: [
    'Andrés',
    'Ben',
    'Caleb',
    'Emil',
    'François',
    'Gustav',
    'Hamid',
    'Ivan',
    'Kofi',
    'Mateo',
    'Oskar',
    'Tomáš',
  ],
};

/** The name of patient `number` (from 1 on). */
export function fullName(number: number): FullName {
  const chosen = NAMES[(number - 1) % NAMES.length] as FullName;
  const round = Math.floor((number - 1) / NAMES.length);
  if (round === 0) return chosen;
  const more = MORE_GIVEN[chosen.gender];
  const given = more[(round * 7 + number) % more.length] as string;
  return { gender: chosen.gender, language: chosen.language, given: [given], family: chosen.family };
}

/** The name in FHIR: the official one, and with it the one in its own script. */
export function humanNames(of: FullName): HumanName[] {
  const official: HumanName = { use: 'official', family: of.family, given: [...of.given] };
  if (!of.native) return [official];
  return [
    official,
    { use: 'usual', text: of.native.text, family: of.native.family, given: [of.native.given] },
  ];
}

/** Given name and family name in Latin letters. */
export const displayName = (of: FullName): string => `${of.given[0]} ${of.family}`;
