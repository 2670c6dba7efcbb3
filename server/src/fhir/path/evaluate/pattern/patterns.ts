import { createMemo } from '../../../units/memo.ts';
import { PathEvaluationError } from '../../errors.ts';
import { Automaton } from './automaton.ts';
import { backtracks, readPattern, type PatternTree } from './readPattern.ts';

/** Characters of a regular expression. */
export const PATTERN_CHARS_MAX = 2_000;
/** Patterns that are kept: those of definitions come again and again. */
export const PATTERNS_MAX = 512;
/** Steps that JavaScript's own matching may come to; beyond, an automaton matches. */
const BACKTRACKS_MAX = 50_000;

interface Pattern {
  flags: string;
  part: RegExp;
  whole: RegExp;
  tree: PatternTree | undefined;
  automaton?: Automaton;
}

/** Matches regular expressions (http://hl7.org/fhirpath/N1/#matchesregex--string-boolean) in bounded time. */
export class Patterns {
  readonly #known = createMemo<Pattern>(PATTERNS_MAX);

  /**
   * Whether a pattern fits a part of a text or the whole of it.
   *
   * @param spend called with the steps that it takes; it throws when there are too many
   * @throws PathEvaluationError for what is no regular expression, and one that cannot be matched in bounded time
   */
  test(source: string, text: string, what: 'part' | 'whole', spend: (steps: number) => void): boolean {
    const pattern = this.#pattern(source);
    if (isQuick(pattern, text)) return pattern[what].test(text);
    if (!pattern.tree) throw unbounded();
    pattern.automaton ??= new Automaton(pattern.tree, pattern.flags);
    return pattern.automaton.test(text, what, spend);
  }

  /** Puts another text where a pattern fits; `$1` and `${name}` in it are groups of the pattern. */
  replace(source: string, text: string, by: string): string {
    if (source === '') return text;
    const pattern = this.#pattern(source);
    if (!isQuick(pattern, text)) throw unbounded();
    return text.replace(new RegExp(pattern.part, `${pattern.flags}g`), by.replace(/\$\{(\w+)\}/g, '$<$1>'));
  }

  #pattern(source: string): Pattern {
    let pattern = this.#known.get(source);
    if (!pattern) this.#known.set(source, (pattern = read(source)));
    return pattern;
  }
}

function isQuick({ tree }: Pattern, text: string): boolean {
  return tree !== undefined && backtracks(tree, text.length) <= BACKTRACKS_MAX;
}

function read(source: string): Pattern {
  if (source.length > PATTERN_CHARS_MAX) {
    throw new PathEvaluationError(`a regular expression is longer than ${PATTERN_CHARS_MAX} characters`);
  }
  // A point is any character. Some of HL7's patterns escape what needs it not, which Unicode's form does not allow.
  for (const flags of ['su', 's']) {
    try {
      const part = new RegExp(source, flags);
      return { flags, part, whole: new RegExp(`^(?:${source})$`, flags), tree: readPattern(source) };
    } catch {
      continue;
    }
  }
  throw new PathEvaluationError('a regular expression is not well-formed');
}

const unbounded = () =>
  new PathEvaluationError(
    'a regular expression cannot be matched with a text of this length in bounded time',
  );
