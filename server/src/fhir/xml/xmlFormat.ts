import type { Definitions } from '../definitions/types.ts';
import type { ParsedJson } from '../json/parse.ts';
import type { Resource } from '../resource.ts';
import { parseXml, parseXmlBatch, type ParsedBatch } from './read/parseXml.ts';
import { XmlShapes } from './shapes.ts';
import { writeXml } from './write/writeXml.ts';

/** FHIR's XML (http://hl7.org/fhir/R4/xml.html), into JSON and out of it. */
export interface XmlFormat {
  /** @throws FhirError `incorrect` with what is wrong, its line and column */
  parse(bytes: Uint8Array): ParsedJson;
  /** The same of a Bundle; where that is a batch, what is wrong with the resource of an entry is among its faults. */
  parseBundle(bytes: Uint8Array): ParsedBatch;
  /** @param resource with exact numbers (ParsedJson.exact) @param pretty indented, for people */
  write(resource: Resource, pretty: boolean): string;
}

export type { ParsedBatch } from './read/parseXml.ts';

/** The XML of the types of these definitions. */
export function createXmlFormat(definitions: Definitions): XmlFormat {
  const shapes = new XmlShapes(definitions);
  return {
    parse: (bytes) => parseXml(shapes, bytes),
    parseBundle: (bytes) => parseXmlBatch(shapes, bytes),
    write: (resource, pretty) => writeXml(shapes, resource, pretty),
  };
}
