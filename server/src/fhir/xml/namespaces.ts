/** Of every element but the narrative's (http://hl7.org/fhir/R4/xml.html). */
export const FHIR_NAMESPACE = 'http://hl7.org/fhir';
/** Of a narrative's `div` and what stands in it. */
export const XHTML_NAMESPACE = 'http://www.w3.org/1999/xhtml';
/** Of the attributes that declare namespaces. */
export const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/';
