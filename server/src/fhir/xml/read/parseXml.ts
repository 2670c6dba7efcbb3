import { isUtf8 } from 'node:buffer';
import { JSON_VALUES_MAX, type ParsedJson } from '../../json/parse.ts';
import { fhirError } from '../../outcome.ts';
import type { XmlShapes } from '../shapes.ts';
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
  if (!isUtf8(bytes))
    throw fhirError('incorrect', 'structure', 'The body is not valid UTF-8: send it in UTF-8.');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const source = new XmlSource(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  const reader = new ResourceReader(source, shapes, elementsMax);
  source.readWith(reader);
  const exact = reader.resource;
  return { value: reader.hasExactNumbers ? JSON.parse(JSON.stringify(exact)) : exact, exact };
}
