import type { serverForFile } from './support.ts';
import { expect } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { createXmlFormat } from '../../src/fhir/xml/xmlFormat.ts';
import { r4Definitions } from '../support/definitions.ts';

export const XML = 'application/fhir+xml';
export const JSON_TYPE = 'application/fhir+json';

/** What the tests read XML with. */
export const format = createXmlFormat(await r4Definitions());

interface Call {
  method?: string;
  accept?: string;
  body?: string;
  type?: string;
  headers?: Record<string, string>;
}

interface Answer {
  status: number;
  header(name: string): string | null;
  text: string;
}

/** The resource in an answer, which must be XML. */
export function resourceOf({ text, header }: Answer): Resource {
  expect(header('content-type')).toBe('application/fhir+xml; charset=utf-8');
  return format.parse(Buffer.from(text)).value as Resource;
}
export function jsonOf({ text, header }: Answer): Resource {
  expect(header('content-type')).toBe('application/fhir+json; charset=utf-8');
  return JSON.parse(text) as Resource;
}
export const outcomeOf = (answer: Answer) => {
  const outcome = resourceOf(answer) as Resource & {
    issue: { diagnostics: string; expression?: string[] }[];
  };
  expect(outcome.resourceType).toBe('OperationOutcome');
  return outcome.issue[0]!;
};

export const element = (name: string, content: string) =>
  `<${name} xmlns="http://hl7.org/fhir">${content}</${name}>`;
export const DIV = '<div xmlns="http://www.w3.org/1999/xhtml">a &#160; <b class=\'x\'>b</b></div>';
export const observation = (value: string) =>
  `<text><status value="generated"/>${DIV}</text><status value="final"/><code><text value="a &lt; b&#10;c"/></code>` +
  `<valueQuantity><value value="${value}"/></valueQuantity>`;

/** Requests to a server. */
export function xmlClient({ fetchFhir }: Pick<ReturnType<typeof serverForFile>, 'fetchFhir'>) {
  /** A request of which everything is XML, unless it says otherwise. */
  async function call(
    path: string,
    { method = 'GET', accept = XML, body, type = XML, headers }: Call = {},
  ): Promise<Answer> {
    const answer = await fetchFhir(path, {
      method,
      headers: { Accept: accept, ...(body === undefined ? {} : { 'Content-Type': type }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    return { status: answer.status, header: (name: string) => answer.headers.get(name), text };
  }

  /** POSTs a new resource. */
  async function created(type: string, content: string): Promise<Resource & { id: string }> {
    const answer = await call(`/${type}`, { method: 'POST', body: element(type, content) });
    expect(answer.status).toBe(201);
    return resourceOf(answer) as Resource & { id: string };
  }

  return { call, created };
}
