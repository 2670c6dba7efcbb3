/**
 * The path of the first property name that stands twice in its object (`name[0].family`), or undefined.
 * Slow and simple: only called when a count has already shown that there is one. The text must be valid JSON.
 */
export function duplicateName(text: string): string | undefined {
  const open: Container[] = [];
  let pendingString: string | undefined;
  for (const token of tokensOf(text)) {
    const inside = open.at(-1);
    if (token === '{' || token === '[')
      open.push({ isArray: token === '[', names: new Set(), at: 0, index: 0 });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',' && inside?.isArray) inside.index++;
    else if (token === ':' && inside && pendingString !== undefined) {
      inside.at = pendingString;
      if (inside.names.has(pendingString)) return pathOf(open);
      inside.names.add(pendingString);
    }
    pendingString = token.startsWith('"') ? (JSON.parse(token) as string) : undefined;
  }
  return undefined;
}

/** Strings and punctuation; no regular expression for strings, which can be longer than one can take. */
function* tokensOf(text: string): Generator<string> {
  for (let i = 0; i < text.length; i++) {
    const start = i;
    if (text[i] === '"') {
      while (text[++i] !== '"') if (text[i] === '\\') i++;
      yield text.slice(start, i + 1);
    } else if ('{}[],:'.includes(text[i]!)) yield text[i]!;
  }
}

interface Container {
  isArray: boolean;
  names: Set<string>;
  /** Name of the member that is being read. */
  at: string | number;
  /** Index of the item that is being read. */
  index: number;
}

/** A name is shown only if it can be one of FHIR's: anything else may be content that lost its way. */
const ELEMENT_NAME = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/;

function pathOf(open: Container[]): string {
  const step = ({ isArray, index, at }: Container): string => {
    if (isArray) return `[${index}]`;
    return ELEMENT_NAME.test(String(at)) ? `.${at}` : '.(no element name)';
  };
  return open.map(step).join('').replace(/^\./, '');
}
