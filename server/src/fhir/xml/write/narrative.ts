import { SaxesParser } from 'saxes';
import { XHTML_NAMESPACE } from '../namespaces.ts';
import { escapeText } from './escape.ts';

/**
 * The `div` of a narrative as it can stand in XML: to the letter where it is well-formed XHTML, with its namespace where
 * it has none. Else it is shown as text, so that nothing of it is lost and the document stays XML.
 *
 * @param div its text in JSON (http://hl7.org/fhir/R4/json.html#xhtml)
 */
export function narrativeXml(div: string): string {
  const namespace = namespaceOf(div);
  if (namespace === XHTML_NAMESPACE) return div.trim();
  if (namespace === '') return div.trim().replace('<div', `<div xmlns="${XHTML_NAMESPACE}"`);
  return `<div xmlns="${XHTML_NAMESPACE}">${escapeText(div)}</div>`;
}

/** The namespace of a `div`; undefined where the text is no XML, or may not stand in another document. */
function namespaceOf(div: string): string | undefined {
  let namespace: string | undefined;
  let isPart = true;
  const refuse = () => (isPart = false);
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('opentag', (tag) => {
    if (namespace === undefined && tag.name === 'div') namespace = tag.uri;
    else if (namespace === undefined) refuse();
  });
  parser.on('doctype', refuse);
  parser.on('processinginstruction', refuse);
  parser.on('xmldecl', refuse);
  try {
    parser.write(div).close();
  } catch {
    return undefined; // it is shown as text
  }
  return isPart ? namespace : undefined;
}
