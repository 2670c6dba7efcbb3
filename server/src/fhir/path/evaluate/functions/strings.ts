import { PathEvaluationError } from '../../errors.ts';
import { NONE } from '../nodes.ts';
import type { Run } from '../run.ts';
import type { PathFunction, PathFunctions } from '../scope.ts';
import { nodeOf, nodesOf, type Value } from '../values/values.ts';
import { integer, ofCollections, ofValue, oneValue } from './define.ts';
import { decode, encode, escape, unescape } from './encodings.ts';

/** @throws PathEvaluationError for what is no text */
export function text(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  throw new PathEvaluationError('a function of texts takes no other value');
}

/** A function of a text and others. */
function ofText(
  min: number,
  max: number,
  apply: (input: string, args: readonly Value[], run: Run) => Value | undefined,
): PathFunction {
  return ofValue(min, max, (value, args, run) => {
    const input = text(value);
    run.spendText(input.length);
    const made = apply(input, args, run);
    if (typeof made === 'string') run.spendText(made.length);
    return made;
  });
}

function substring(input: string, [start, length]: readonly Value[]): string | undefined {
  const from = integer(start);
  if (from < 0 || from >= input.length) return undefined;
  return length === undefined ? input.slice(from) : input.slice(from, from + Math.max(0, integer(length)));
}

function replace(input: string, [pattern, substitution]: readonly Value[], run: Run): string {
  const [before, after] = [text(pattern), text(substitution)];
  const times = before === '' ? input.length + 1 : input.length / before.length;
  // What may be made is spent before it is.
  run.spendText(times * after.length);
  if (before !== '') return input.replaceAll(before, () => after);
  return after + [...input].map((char) => char + after).join('');
}

function ofPattern(what: 'part' | 'whole'): PathFunction {
  return ofText(1, 1, (input, [pattern], run) =>
    run.model.patterns.test(text(pattern), input, what, (steps) => run.spend(steps)),
  );
}

function replaceMatches(input: string, [pattern, by]: readonly Value[], run: Run): string {
  // It may fit at each character.
  run.spendText((input.length + 1) * text(by).length);
  return run.model.patterns.replace(text(pattern), input, text(by));
}

const split: PathFunction = ofCollections(1, 1, (input, [separator = NONE], run) => {
  const value = oneValue(input);
  const by = oneValue(separator);
  if (value === undefined || by === undefined) return NONE;
  // As many parts as there can be, before they are made.
  run.spend(1 + Math.ceil(text(value).length / Math.max(1, text(by).length)));
  return text(value).split(text(by)).map(nodeOf);
});

const toChars: PathFunction = ofCollections(0, 0, (input, _args, run) => {
  const value = oneValue(input);
  if (value === undefined) return NONE;
  run.spend(1 + text(value).length);
  return [...text(value)].map(nodeOf);
});

const join: PathFunction = ofCollections(0, 1, (input, [separator = NONE], run) => {
  const by = oneValue(separator) ?? '';
  const texts = input.flatMap((node) => {
    const value = oneValue([node]);
    return value === undefined ? [] : [text(value)];
  });
  const chars = texts.reduce((sum, part) => sum + part.length + text(by).length, 0);
  run.spendText(chars);
  return texts.length === 0 ? NONE : nodesOf(texts.join(text(by)));
});

/** http://hl7.org/fhirpath/N1/#string-manipulation, with those that later versions add */
export const STRINGS: PathFunctions = {
  indexOf: ofText(1, 1, (input, [part]) => input.indexOf(text(part))),
  lastIndexOf: ofText(1, 1, (input, [part]) => input.lastIndexOf(text(part))),
  substring: ofText(1, 2, substring),
  startsWith: ofText(1, 1, (input, [part]) => input.startsWith(text(part))),
  endsWith: ofText(1, 1, (input, [part]) => input.endsWith(text(part))),
  contains: ofText(1, 1, (input, [part]) => input.includes(text(part))),
  upper: ofText(0, 0, (input) => input.toUpperCase()),
  lower: ofText(0, 0, (input) => input.toLowerCase()),
  trim: ofText(0, 0, (input) => input.trim()),
  length: ofText(0, 0, (input) => input.length),
  replace: ofText(2, 2, replace),
  matches: ofPattern('part'),
  matchesFull: ofPattern('whole'),
  replaceMatches: ofText(2, 2, replaceMatches),
  encode: ofText(1, 1, (input, [format]) => encode(input, text(format))),
  decode: ofText(1, 1, (input, [format]) => decode(input, text(format))),
  escape: ofText(1, 1, (input, [target]) => escape(input, text(target))),
  unescape: ofText(1, 1, (input, [target]) => unescape(input, text(target))),
  split,
  join,
  toChars,
};
