import type { Definitions } from '../definitions/types.ts';
import type { ParsedJson } from '../json/parse.ts';
import type { Resource } from '../resource.ts';
import { parseXml } from './read/parseXml.ts';
import { XmlShapes } from './shapes.ts';
import { writeXml } from './write/writeXml.ts';

/** FHIR's XML (http://hl7.org/fhir/R4/xml.html), into JSON and out of it. */
export interface XmlFormat {
  /** @throws FhirError `incorrect` with what is wrong, its line and column */
  parse(bytes: Uint8Array): ParsedJson;
  /** @param resource with exact numbers (ParsedJson.exact) @param pretty indented, for people */
  write(resource: Resource, pretty: boolean): string;
}

/** The XML of the types of these definitions. */
export function createXmlFormat(definitions: Definitions): XmlFormat {
  const shapes = new XmlShapes(definitions);
  return {
    parse: (bytes) => parseXml(shapes, bytes),
    write: (resource, pretty) => writeXml(shapes, resource, pretty),
  };
}
