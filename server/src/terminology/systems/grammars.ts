import { createRequire } from 'node:module';
import type { Grammar } from './ruleSystem.ts';

/** Longest code that is read: no real one is longer, and parsers' time grows with it. */
const CODE_CHARS_MAX = 256;
/** UCUM codes are printable ASCII without blanks; for others, and for `()`, the package would write a log line. */
const UNIT_CODE = /^(?!.*\(\))[!-~]{1,256}$/;
/** RFC 6838, section 4.2, with parameters of RFC 2045 behind it. */
const MEDIA_TYPE = /^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/(?:[A-Za-z0-9][\w!#$&^.+-]{0,126}|\*)(?:\s*;.*)?$/;

interface UcumUtils {
  convertUnitTo(from: string, value: number, to: string): { status: string };
  validateUnitString(code: string): { status: string; ucumCode: string | null; unit?: { name?: unknown } };
}
interface UcumPackage {
  UcumLhcUtils: { getInstance(): UcumUtils };
}

/** Units of measure, by @lhncbc/ucum-lhc, which is loaded with the first that is asked for: it takes some 100 ms. */
function ucum(): Grammar {
  let utils: UcumUtils | undefined;
  const loaded = () => {
    const require = createRequire(import.meta.url);
    return (utils ??= (require('@lhncbc/ucum-lhc') as UcumPackage).UcumLhcUtils.getInstance());
  };
  return {
    url: 'http://unitsofmeasure.org',
    name: 'UCUM',
    caseSensitive: true,
    commonCodes: 'http://hl7.org/fhir/ValueSet/ucum-common',
    read: (code) => {
      if (!UNIT_CODE.test(code)) return undefined;
      const { status, ucumCode, unit } = loaded().validateUnitString(code);
      if (status !== 'valid' || ucumCode !== code) return undefined;
      return { code, display: unitName(unit?.name) || code };
    },
    measuresSame: (code, other) =>
      UNIT_CODE.test(other) && loaded().convertUnitTo(code, 1, other).status === 'succeeded',
  };
}

/** The package writes powers in HTML, has no name for some units (`%`), and a number for that of `1`. */
const unitName = (name: unknown): string =>
  typeof name === 'string'
    ? name
        .replaceAll('<sup>', '^')
        .replaceAll(/<[^>]*>/g, '')
        .trim()
    : '';

/** Language tags (BCP 47): well formed, with subtags that Unicode's data knows. */
function languageTags(): Grammar {
  const names = (type: 'language' | 'region' | 'script') =>
    new Intl.DisplayNames('en', { type, fallback: 'none' });
  const [languages, regions, scripts] = [names('language'), names('region'), names('script')];
  const forms = [standardNames('long'), standardNames('short')];
  const knows = (list: Intl.DisplayNames, subtag: string | undefined) =>
    subtag === undefined || list.of(subtag) !== undefined;
  return {
    url: 'urn:ietf:bcp:47',
    name: 'BCP47',
    caseSensitive: false,
    commonCodes: 'http://hl7.org/fhir/ValueSet/languages',
    read: (code) => {
      const locale = code.length <= CODE_CHARS_MAX ? localeOf(code) : undefined;
      if (!locale || !knows(languages, locale.language)) return undefined;
      if (!knows(regions, locale.region) || !knows(scripts, locale.script)) return undefined;
      const display = languages.of(locale.baseName);
      if (display === undefined) return { code };
      const others = new Set(forms.flatMap((form) => form.of(locale.baseName) ?? []));
      others.delete(display);
      return { code, display, others: [...others] };
    },
  };
}

/** `English (United States)`, as FHIR's value set `languages` has it, where the dialect is `American English`. */
const standardNames = (style: 'long' | 'short') =>
  new Intl.DisplayNames('en', { type: 'language', languageDisplay: 'standard', style, fallback: 'none' });

function localeOf(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag);
  } catch {
    return undefined; // not well formed
  }
}

const mediaTypes: Grammar = {
  url: 'urn:ietf:bcp:13',
  name: 'MimeTypes',
  caseSensitive: false,
  read: (code) => (code.length <= CODE_CHARS_MAX && MEDIA_TYPE.test(code) ? { code } : undefined),
};

/** Every grammar that is known, made anew: what they load stays with them. */
export const grammars = (): Grammar[] => [ucum(), languageTags(), mediaTypes];
