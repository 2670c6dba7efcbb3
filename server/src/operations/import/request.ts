import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { OperationParameter, OperationParameters } from '../parameters.ts';
import { acceptOnly } from '../values.ts';
import type { ImportSources } from './sources.ts';

/** Files of one import. */
export const IMPORT_INPUTS_MAX = 1_000;
/** Characters of the URL of a file. */
const URL_CHARS_MAX = 8_000;

/** One file that is to be imported. */
export interface ImportInput {
  /** The resource type of every line. */
  type: string;
  url: string;
}

/** An import as it was asked for; stored with its job. */
export interface ImportRequest {
  /** Where the resources come from: their `meta.source` where they have none. */
  inputSource?: string;
  inputs: ImportInput[];
}

export interface RequestParts {
  isResourceType(name: string): boolean;
  sources: ImportSources;
}

const FORMATS = new Set(['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson', 'ndjson']);
/** How the files are to be reached. The names of object stores stand for credentials that nobody could give. */
const STORAGE_TYPES = new Set(['https', 'http']);
const ENCODINGS = new Set(['gzip', 'identity']);

const MEMBERS = ['inputFormat', 'inputSource', 'storageDetail', 'input'];
const STORAGE_MEMBERS = ['type', 'contentEncoding'];
const INPUT_MEMBERS = ['type', 'url'];

/**
 * What an import is to do: from the JSON of the proposal (https://github.com/smart-on-fhir/bulk-import, import-manifest.md), or from a
 * Parameters resource whose parameters and parts have the same names.
 *
 * @throws FhirError `incorrect` for what cannot be followed, `forbidden` for a URL that may not be fetched
 */
export function importRequest(
  parts: RequestParts,
  plainJson: JsonObject | undefined,
  parameters: OperationParameters,
): ImportRequest {
  acceptOnly(parameters, 'import', plainJson === undefined ? MEMBERS : []);
  const manifest = plainJson ?? asManifest(parameters);
  acceptMembers(manifest, MEMBERS, '');
  const format = text(manifest, 'inputFormat', '');
  if (format === undefined || !FORMATS.has(format))
    throw wrong('inputFormat', 'must be application/fhir+ndjson');
  checkStorage(manifest.storageDetail);
  const inputs = list(manifest.input);
  if (inputs.length === 0 || inputs.length > IMPORT_INPUTS_MAX)
    throw wrong('input', `must name 1 to ${IMPORT_INPUTS_MAX} files`);
  const inputSource = text(manifest, 'inputSource', '');
  if (inputSource !== undefined && !URL.canParse(inputSource))
    throw wrong('inputSource', 'must be an absolute URI');
  return {
    ...(inputSource === undefined ? {} : { inputSource }),
    inputs: inputs.map((input, i) => readInput(parts, input, `input[${i}]`)),
  };
}

function readInput(parts: RequestParts, input: unknown, at: string): ImportInput {
  if (!isObject(input)) throw wrong(at, 'must have a type and a url');
  acceptMembers(input, INPUT_MEMBERS, `${at}.`);
  const type = text(input, 'type', `${at}.`);
  if (type === undefined || !parts.isResourceType(type))
    throw wrong(`${at}.type`, 'must be a FHIR R4 resource type');
  const url = text(input, 'url', `${at}.`);
  if (url === undefined || url.length > URL_CHARS_MAX || !URL.canParse(url))
    throw wrong(`${at}.url`, `must be an absolute URL of ${URL_CHARS_MAX} characters at the most`);
  parts.sources.require(url, `${at}.url`);
  return { type, url };
}

function checkStorage(detail: unknown): void {
  if (detail === undefined) return;
  if (!isObject(detail)) throw wrong('storageDetail', 'must be an object');
  acceptMembers(detail, STORAGE_MEMBERS, 'storageDetail.');
  const type = text(detail, 'type', 'storageDetail.') ?? 'https';
  if (!STORAGE_TYPES.has(type))
    throw wrong('storageDetail.type', 'must be https: other storages are not supported');
  for (const encoding of list(detail.contentEncoding))
    if (typeof encoding !== 'string' || !ENCODINGS.has(encoding))
      throw wrong('storageDetail.contentEncoding', 'must be gzip or identity');
}

/** Parameters in the form of the JSON: parts become members, those that repeat a list. */
function asManifest(parameters: OperationParameters): JsonObject {
  const storage = parameters.named('storageDetail');
  if (storage.length > 1) throw wrong('storageDetail', 'may be given only once');
  const manifest: JsonObject = {};
  for (const name of ['inputFormat', 'inputSource']) {
    const value = parameters.text(name);
    if (value !== undefined) manifest[name] = value;
  }
  if (storage[0] !== undefined) manifest.storageDetail = members(storage[0], 'storageDetail');
  manifest.input = parameters.named('input').map((input, i) => members(input, `input[${i}]`));
  return manifest;
}

function members({ part = [] }: OperationParameter, at: string): JsonObject {
  const found = Object.create(null) as JsonObject; // whatever the parts are named
  for (const { name, text: value } of part) {
    if (name in found) throw wrong(`${at}.${shown(name)}`, 'may be given only once');
    found[name] = value;
  }
  return found;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const list = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];

function text(object: JsonObject, name: string, at: string): string | undefined {
  const value = object[name];
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(`${at}${name}`, 'must be a text');
}

/** What is not understood would have changed what is done. */
function acceptMembers(object: JsonObject, names: readonly string[], at: string): void {
  for (const name of Object.keys(object)) {
    if (names.includes(name)) continue;
    throw fhirError(
      'incorrect',
      'not-supported',
      `$import does not take ${at}${shown(name)}; it takes ${names.map((one) => at + one).join(', ')}.`,
    );
  }
}

const shown = (name: string) => (/^[\w.-]{1,40}$/.test(name) ? name : '(another name)');

const wrong = (name: string, what: string) =>
  fhirError('incorrect', 'value', `$import: ${name} ${what}.`, name);
