import type { NarrativeControl } from '../../../fhir/structures/structure.ts';
import { isObject } from '../../state.ts';
import type { CompileContext, ItemCheck } from './types.ts';

/** A tag, or text between tags. Well-formedness is the type pass's matter. */
const TOKEN = /<!--[\s\S]*?-->|<\/?[A-Za-z](?:"[^"]*"|'[^']*'|[^<>"'])*>|[^<]+/g;
const CLASS = /\sclass\s*=\s*(?:"([^"]*)"|'([^']*)')/;
const LANGUAGE = /\s(?:xml:)?lang\s*=\s*(?:"([^"]*)"|'([^']*)')/;
/** Classes that tell where a text comes from. */
const SOURCES: ReadonlySet<string> = new Set(['boilerplate', 'generated', 'original']);
const INK = /[^\s\u00a0]/;

/** What a narrative is made of, as far as profiles ask. */
interface Sections {
  /** Languages of the parts right below the outermost `div`. */
  languages: string[];
  /** Pieces of text that nothing around them tells the source of. */
  withoutSource: number;
}

/**
 * What a profile asks of a narrative by HL7's extensions `narrative-language-control` (sections in which languages: `_no`, `_yes`,
 * `_resource`, or a language) and `narrative-source-control` (each text tells by a class where it comes from).
 */
export function narrativeCheck({ demander }: CompileContext, control: NarrativeControl): ItemCheck {
  return (value, _sibling, _type, at, depth, name, index) => {
    const div = isObject(value) ? value.div : undefined;
    if (typeof div !== 'string') return;
    const { languages, withoutSource } = sectionsOf(div);
    const tell = (text: string) =>
      at.report('profile-narrative', depth, name, index, `${text} (${demander}): correct the narrative.`);
    for (const wanted of control.languages) {
      const language = wanted === '_resource' ? at.resource.language : wanted;
      if (wanted === '_no') {
        if (languages.length > 0) tell('The narrative may have no sections in languages');
      } else if (languages.length === 0) {
        tell('The narrative must have sections in languages');
      } else if (wanted !== '_yes' && typeof language === 'string' && !languages.includes(language)) {
        tell('The narrative must have a section in the language that is asked for');
      }
    }
    if (control.sources)
      for (let i = 0; i < withoutSource; i++)
        tell(
          'Each text of the narrative must be in an element of the class boilerplate, generated or original',
        );
  };
}

function sectionsOf(div: string): Sections {
  const sections: Sections = { languages: [], withoutSource: 0 };
  /** Whether each element that is open tells a source, or stands in one that does. */
  const open: boolean[] = [];
  for (const [token] of div.matchAll(TOKEN)) {
    if (token.startsWith('<!')) continue;
    if (token.startsWith('</')) open.pop();
    else if (token.startsWith('<')) {
      const language = attribute(LANGUAGE, token);
      if (open.length === 1 && language !== undefined) sections.languages.push(language);
      const classes = attribute(CLASS, token)?.split(/\s+/) ?? [];
      if (!token.endsWith('/>')) open.push((open.at(-1) ?? false) || classes.some((one) => SOURCES.has(one)));
    } else if (INK.test(token) && open.at(-1) === false) sections.withoutSource += 1;
  }
  return sections;
}

function attribute(pattern: RegExp, tag: string): string | undefined {
  const [, double, single] = pattern.exec(tag) ?? [];
  return double ?? single;
}
