import type { Language, LanguageCode, Values, Words } from './wording.ts';
import { LANGUAGES } from './wording.ts';

/** How values are read by the person: language and IANA time zone. */
export interface Reader {
  language: LanguageCode;
  timeZone: string;
}

/** Puts values into a template: `{name}`; what stands in brackets is left out where a value in it is missing. */
export function fill(template: string, values: Values, reader: Reader): string {
  const put = (text: string): string =>
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => shown(values[name], reader));
  const chosen = template.replaceAll(/\[([^\]]*)\]/g, (_, part: string) => {
    const names = [...part.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    return names.every((name) => values[name] !== undefined && values[name] !== '') ? part : '';
  });
  return put(chosen).trim();
}

function shown(value: Values[string] | undefined, { language, timeZone }: Reader): string {
  if (value === undefined || typeof value === 'string') return value ?? '';
  const { locale } = LANGUAGES[language];
  if ('at' in value) return spokenTime(Date.parse(value.at), locale, timeZone);
  return new Intl.NumberFormat(locale, { style: 'currency', currency: value.currency }).format(value.amount);
}

/** e.g. `Monday, 5 January 2026 at 14:30 GMT+1`: the zone is told, since people are elsewhere. */
export function spokenTime(timeMs: number, locale: string, timeZone: string): string {
  const date = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const;
  const time = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const;
  return new Intl.DateTimeFormat(locale, { ...date, ...time, timeZone }).format(timeMs);
}

/** Words of a message with values put in. */
export function fillWords(words: Words, values: Values, reader: Reader): Required<Words> {
  const filled = (text: string): string => fill(text, values, reader);
  return { subject: filled(words.subject), text: filled(words.text), inside: filled(words.inside ?? '') };
}

/** The text of a mail. */
export function mailText({ text }: Words, language: Language, portal: string | undefined): string {
  return [text, ...signInLine(language, portal), language.footer].join('\n\n') + '\n';
}

/** The same as HTML, without pictures or anything that would be fetched. */
export function mailHtml({ subject, text }: Words, code: LanguageCode, portal: string | undefined): string {
  const language = LANGUAGES[code];
  const link =
    portal === undefined ? '' : `<p><a href="${escapeHtml(portal)}">${escapeHtml(portal)}</a></p>\n`;
  return `<!DOCTYPE html>
<html lang="${code}">
<head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="font-family: sans-serif">
<h1 style="font-size: 1.2em">${escapeHtml(subject)}</h1>
<p>${escapeHtml(text)}</p>
${link}<p style="color: #555; font-size: 0.9em">${escapeHtml(language.footer)}</p>
</body>
</html>
`;
}

const signInLine = (language: Language, portal: string | undefined): string[] =>
  portal === undefined ? [] : [language.signIn.replace('{portal}', portal)];

export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!);
}
