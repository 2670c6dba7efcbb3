import { dcmtk } from './dcmtk.ts';
import { AE_TITLE, PEER } from './receiver.ts';

/** Asks by dcmtk's findscu. */
export async function findscu(
  port: number,
  /** As findscu takes them: `PatientName=A*`, `(0040,0100)[0].Modality=DX`. */
  keys: readonly string[],
  options: readonly string[] = ['-W'],
): Promise<Found> {
  const of = keys.flatMap((key) => ['-k', key]);
  const association = ['-aet', PEER, '-aec', AE_TITLE, '127.0.0.1', String(port)];
  const { output } = await dcmtk('findscu', ['-v', ...options, ...of, ...association]);
  const [, ...items] = output.split(/Find Response: \d+ \(Pending/);
  const last = items.at(-1) ?? output;
  const status = /Received Final Find Response \(([^)]*)\)/.exec(last)?.[1] ?? `none: ${output}`;
  return { items: items.map(valuesOf), status };
}

export interface Found {
  /** Of each match its values by tag, as `0010,0010`, in all depths. */
  items: Record<string, string>[];
  status: string;
}

const ELEMENT = /\((\w{4},\w{4})\) \w\w (?:\[([^\]]*)\]|\(no value)/g;

const valuesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(ELEMENT)].map(([, tag, value = '']) => [tag!, value.replaceAll('\0', '').trim()]),
  );
