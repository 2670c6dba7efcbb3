/** Numbers that keep the form in which they are written: JSON.stringify writes the text. */
interface RawJson {
  rawJSON(text: string): object;
}

/** A JSON number with the given text, e.g. `1.50`. */
export function rawNumber(text: string): object {
  return (JSON as unknown as RawJson).rawJSON(text);
}
