import { escapeAttribute, escapeText } from '../fhir/xml/write/escape.ts';
import type { DicomJson, DicomJsonElement } from './dicomJson.ts';

const NAMESPACE = 'http://dicom.nema.org/PS3.19/models/NativeDICOM';
/** Forms of a name, and the parts of each (PS3.19 table A.1.5-2). */
const NAME_FORMS = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;
const NAME_PARTS = ['FamilyName', 'GivenName', 'MiddleName', 'NamePrefix', 'NameSuffix'];

/** A data set in XML: the Native DICOM Model (PS3.19 annex A.1). */
export const nativeDicomModel = (dataSet: DicomJson): string =>
  `<?xml version="1.0" encoding="UTF-8"?><NativeDicomModel xmlns="${NAMESPACE}">${attributesOf(dataSet)}</NativeDicomModel>`;

const attributesOf = (dataSet: DicomJson): string =>
  Object.entries(dataSet)
    .map(([tag, one]) => attribute(tag, one, privateCreator(tag, dataSet)))
    .join('');

function attribute(tag: string, one: DicomJsonElement, creator: string | undefined): string {
  const named = creator === undefined ? '' : ` privateCreator="${escapeAttribute(creator)}"`;
  return `<DicomAttribute tag="${tag}" vr="${escapeAttribute(one.vr)}"${named}>${contentOf(one)}</DicomAttribute>`;
}

function contentOf({ vr, Value = [], InlineBinary, BulkDataURI }: DicomJsonElement): string {
  if (BulkDataURI !== undefined) return `<BulkData uri="${escapeAttribute(BulkDataURI)}"/>`;
  if (InlineBinary !== undefined) return `<InlineBinary>${escapeText(InlineBinary)}</InlineBinary>`;
  return Value.map((value, at) => (value === null ? '' : valueOf(vr, value, at + 1))).join('');
}

function valueOf(vr: string, value: unknown, number: number): string {
  if (vr === 'SQ') return `<Item number="${number}">${attributesOf(value as DicomJson)}</Item>`;
  if (vr === 'PN')
    return `<PersonName number="${number}">${nameOf(value as Partial<Record<string, string>>)}</PersonName>`;
  return `<Value number="${number}">${escapeText(String(value))}</Value>`;
}

const nameOf = (name: Partial<Record<string, string>>): string =>
  NAME_FORMS.map((form) => {
    const parts = (name[form] ?? '').split('^').slice(0, NAME_PARTS.length);
    const inside = parts.map((part, at) =>
      part === '' ? '' : `<${NAME_PARTS[at]}>${escapeText(part)}</${NAME_PARTS[at]}>`,
    );
    return name[form] ? `<${form}>${inside.join('')}</${form}>` : '';
  }).join('');

/** Who has defined a private element: the creator of its block says so (PS3.5 section 7.8.1). */
function privateCreator(tag: string, dataSet: DicomJson): string | undefined {
  const [group, block] = [tag.slice(0, 4), tag.slice(4, 6)];
  if (Number.parseInt(group, 16) % 2 === 0 || block === '00') return undefined;
  const [creator] = dataSet[`${group}00${block}`]?.Value ?? [];
  return typeof creator === 'string' ? creator : undefined;
}
