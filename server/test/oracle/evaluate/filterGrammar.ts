/** A `_filter`, parsed (http://hl7.org/fhir/R4/search_filter.html). */
export type Filter =
  | { kind: 'and' | 'or'; left: Filter; right: Filter }
  | { kind: 'not'; filter: Filter }
  | { kind: 'test'; path: Step[]; operator: string; value: string };

/** One name of a path, with what the resource that it leads to must satisfy. */
export interface Step {
  name: string;
  where?: Filter;
}

const NAME = /[A-Za-z_][\w-]*/y;
const OPERATOR = /eq|ne|co|sw|ew|gt|lt|ge|le|ap|sa|eb|pr|po|ss|sb|in|ni|re/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const TOKEN = /[^\s\])]+/y;
const WORD = /and\b|or\b/y;
const SPACE = /\s*/y;

/** @throws Error where the text is no filter */
export function parseFilter(source: string): Filter {
  let at = 0;

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  }

  function expect(pattern: RegExp): string {
    const found = take(pattern);
    if (found === undefined) throw new Error(`_filter: ${pattern} expected at ${at} of ${source}`);
    return found;
  }

  /** From left to right: `and` does not bind closer than `or`. */
  function expression(): Filter {
    let left = operand();
    for (take(SPACE); ; take(SPACE)) {
      const word = take(WORD);
      if (word === undefined) return left;
      left = { kind: word as 'and' | 'or', left, right: operand() };
    }
  }

  function operand(): Filter {
    take(SPACE);
    if (take(/not\s*\(/y) !== undefined) return { kind: 'not', filter: closed(/\)/y) };
    if (take(/\(/y) !== undefined) return closed(/\)/y);
    const path = [step()];
    while (take(/\./y) !== undefined) path.push(step());
    expect(/\s+/y);
    const operator = expect(OPERATOR);
    expect(/\s+/y);
    const string = take(STRING);
    const value = string === undefined ? expect(TOKEN) : (JSON.parse(string) as string);
    return { kind: 'test', path, operator, value };
  }

  function step(): Step {
    const name = expect(NAME);
    return take(/\[/y) === undefined ? { name } : { name, where: closed(/\]/y) };
  }

  function closed(end: RegExp): Filter {
    const found = expression();
    take(SPACE);
    expect(end);
    return found;
  }

  const filter = expression();
  if (at < source.length) throw new Error(`_filter: ${source.slice(at)} is left over`);
  return filter;
}
