import de from './languages/de.ts';
import en from './languages/en.ts';
import es from './languages/es.ts';
import fr from './languages/fr.ts';
import hi from './languages/hi.ts';
import type { Language } from './templates.ts';

export * from './templates.ts';

/** The languages that there are words in. */
export const LANGUAGES = { en, de, fr, es, hi } satisfies Record<string, Language>;
export type LanguageCode = keyof typeof LANGUAGES;
export const LANGUAGE_CODES = Object.keys(LANGUAGES) as LanguageCode[];
