import { isUtf8 } from 'node:buffer';
import { JSON_VALUES_MAX, type ParsedJson } from '../../json/parse.ts';
import { fhirError, type FhirError } from '../../outcome.ts';
import type { XmlShapes } from '../shapes.ts';
import { BatchReader } from './batchReader.ts';
import { ResourceReader } from './resourceReader.ts';
import { XmlSource } from './source.ts';

/**
 * Parses bytes as the XML of one resource (http://hl7.org/fhir/R4/xml.html) into what its JSON parses to, every digit
 * of a decimal kept.
 *
 * @param elementsMax most elements: what is read takes memory by them
 * @throws FhirError `incorrect` with what is wrong, its line and column, or `too-large`; content is never quoted
 */
export function parseXml(shapes: XmlShapes, bytes: Uint8Array, elementsMax = JSON_VALUES_MAX): ParsedJson {
  const source = sourceOf(bytes);
  const reader = new ResourceReader(source, shapes, elementsMax);
  source.readWith(reader);
  return parsed(reader);
}

/** A batch of which some entries may be faulty. */
export interface ParsedBatch extends ParsedJson {
  /** By the index of the entry, which has no resource then. */
  faults: ReadonlyMap<number, FhirError>;
}

/** As {@link parseXml}, but what is wrong with the resource of a batch's entry is said of that entry. */
export function parseXmlBatch(shapes: XmlShapes, bytes: Uint8Array): ParsedBatch {
  const source = sourceOf(bytes);
  const reader = new ResourceReader(source, shapes, JSON_VALUES_MAX);
  const batch = new BatchReader(reader);
  source.readWith(batch);
  return { ...parsed(reader), faults: batch.faults };
}

function sourceOf(bytes: Uint8Array): XmlSource {
  if (!isUtf8(bytes))
    throw fhirError('incorrect', 'structure', 'The body is not valid UTF-8: send it in UTF-8.');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return new XmlSource(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
}

function parsed({ resource, hasExactNumbers }: ResourceReader): ParsedJson {
  return { value: hasExactNumbers ? JSON.parse(JSON.stringify(resource)) : resource, exact: resource };
}
