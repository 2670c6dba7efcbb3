import { beforeAll, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { parseXml } from '../../../src/fhir/xml/read/parseXml.ts';
import { ATTRIBUTES_MAX } from '../../../src/fhir/xml/read/source.ts';
import { XmlShapes } from '../../../src/fhir/xml/shapes.ts';
import { createXmlFormat, type XmlFormat } from '../../../src/fhir/xml/xmlFormat.ts';
import { createRandom } from '../../oracle/data/random.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { randomResource } from './randomResource.ts';

let definitions: Definitions;
let format: XmlFormat;
beforeAll(async () => {
  definitions = await r4Definitions();
  format = createXmlFormat(definitions);
});

const ROOT = '<Patient xmlns="http://hl7.org/fhir">';
const patient = (content: string) => `${ROOT}${content}</Patient>`;
const text = (content: string) => patient(`<name><text value="${content}"/></name>`);

function refusal(document: string | Buffer): string {
  try {
    format.parse(Buffer.from(document));
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    expect(error.category).toBe('incorrect');
    return error.issues[0]!.diagnostics;
  }
  throw new Error('was accepted');
}

const attributes = (count: number) => Array.from({ length: count }, (_, i) => `a${i}="x"`).join(' ');
const LAUGHS = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');

test.each<[string, string, string]>([
  ['billion laughs', `<!DOCTYPE P [<!ENTITY l0 "ha">${LAUGHS}]>${text('&l9;')}`, 'document type declaration'],
  [
    'external entity',
    `<!DOCTYPE P [<!ENTITY x SYSTEM "file:///etc/passwd">]>${text('&x;')}`,
    'document type declaration',
  ],
  ['DTD behind a comment', `<!-- a --><!DOCTYPE P><!-- b -->${text('a')}`, 'document type declaration'],
  ['external DTD', `<!DOCTYPE P SYSTEM "http://localhost/x.dtd">${text('a')}`, 'document type declaration'],
  ['parameter entity', `<!DOCTYPE P [<!ENTITY % x "y"> %x;]>${text('a')}`, 'document type declaration'],
  ['entity without DTD', text('&nbsp;'), 'undefined entity'],
  ['entity of a prototype', text('&constructor;'), 'undefined entity'],
  [
    'DTD between what looks like a comment',
    `<?x <!-- ?><!DOCTYPE P><?y --> ?>${text('a')}`,
    'document type declaration',
  ],
  ['processing instruction that does not end', `${ROOT}<?x`, 'not well-formed'],
  ['second XML declaration', patient('<?xml version="1.0"?>'), 'not well-formed'],
  ['late declaration', ` <?xml version="1.0"?>${text('a')}`, 'not well-formed'],
  ['XML 1.1', `<?xml version="1.1"?>${text('&#1;')}`, 'version 1.0'],
  ['another encoding', `<?xml version="1.0" encoding="ISO-8859-1"?>${text('a')}`, 'encoding UTF-8'],
  ['control character', text('\u0001'), 'not well-formed'],
  ['reference to a control character', text('&#1;'), 'not well-formed'],
  ['reference to NUL', text('&#0;'), 'not well-formed'],
  ['reference to half a character', text('&#xD800;'), 'not well-formed'],
  ['reference beyond Unicode', text('&#x110000;'), 'not well-formed'],
  ['U+FFFF', text('\uffff'), 'not well-formed'],
  ['deep nesting', ROOT + '<extension url="u">'.repeat(100_000), 'nested deeper'],
  ['deep nesting of unknown elements', '<a>'.repeat(100_000), 'must be a resource'],
  [
    'deep narrative',
    `${ROOT}<text><div xmlns="http://www.w3.org/1999/xhtml">${'<b>'.repeat(100_000)}`,
    'nested deeper',
  ],
  ['many attributes', `${ROOT}<name ${attributes(500_000)}/>`, 'may have 64 attributes'],
  ['an attribute twice', patient('<active value="true" value="false"/>'), 'duplicate attribute'],
  [
    'an attribute twice by two prefixes',
    patient('<name xmlns:a="urn:x" xmlns:b="urn:x" a:i="1" b:i="2"/>'),
    'duplicate attribute',
  ],
  ['prefix without namespace', patient('<x:name/>'), 'unbound namespace prefix'],
  ['xml prefix for another namespace', '<Patient xmlns:xml="urn:x"/>', 'not well-formed'],
  ['attribute without quotes', patient('<active value=true/>'), 'not well-formed'],
  ['< in an attribute', text('<'), 'not well-formed'],
  ['end of CDATA in text', patient(']]>'), 'not well-formed'],
  ['-- in a comment', patient('<!-- a -- b -->'), 'not well-formed'],
  ['crossed tags', patient('<name></Patient></name>'), 'not well-formed'],
  ['no end', ROOT, 'well-formed XML (unclosed tag)'],
  ['half a tag', `${ROOT}<name`, 'not well-formed'],
  ['two roots', text('a') + text('b'), 'not well-formed'],
  ['text behind', `${text('a')}x`, 'not well-formed'],
  ['nothing', '', 'not well-formed'],
  ['white space only', ' \n', 'not well-formed'],
  ['JSON', '{"resourceType":"Patient"}', 'not well-formed'],
])('%s', (_name, document, diagnostics) => expect(refusal(document)).toContain(diagnostics));

test.each<[string, Buffer]>([
  ['an incomplete character', Buffer.from([0xc3])],
  ['an overlong character', Buffer.from([0xc0, 0x80])],
  ['half a character', Buffer.from([0xed, 0xa0, 0x80])],
])('invalid UTF-8: %s', (_name, bytes) => {
  const [before, behind] = text('|')
    .split('|')
    .map((part) => Buffer.from(part));
  expect(refusal(Buffer.concat([before!, bytes, behind!]))).toContain('not valid UTF-8');
});

test('UTF-16', () => {
  expect(refusal(Buffer.from(`\ufeff${text('a')}`, 'utf16le'))).toContain('not valid UTF-8');
});

test('names of another prototype are no elements', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'resourceType', '_name']) {
    expect(refusal(patient(`<${name} value="a"/>`))).toContain('Patient has no element');
    expect(refusal(patient(`<name ${name}="a"/>`))).toContain('There is no attribute');
  }
});

test('refusals quote no content', () => {
  for (const document of [
    patient('<Peter-Chalmers/>'),
    patient('<x:secret/>'),
    text('&secret;'),
    `${ROOT}<secret-name>`,
  ]) {
    expect(refusal(document)).not.toMatch(/Chalmers|secret/);
  }
});

test('comments before the root are none', () => {
  expect(format.parse(Buffer.from(`<!-- <!DOCTYPE P> --> <!----> ${text('a')}`)).value).toBeDefined();
});

test('processing instructions are no content, wherever they stand', () => {
  const document = `<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet href="x.xsl"?><?xml-model <!DOCTYPE P>?>
    ${patient('<?a b?><active value="true"><?c d?></active><?e?>')}<?f g?>`;
  expect(format.parse(Buffer.from(document)).value).toEqual({ resourceType: 'Patient', active: true });
});

test('as many attributes as are allowed, in each of many elements', () => {
  const element = `<p ${attributes(ATTRIBUTES_MAX)}/>`;
  const div = `<div xmlns="http://www.w3.org/1999/xhtml">${element}${element}</div>`;
  expect(format.parse(Buffer.from(patient(`<text>${div}</text>`))).value).toMatchObject({ text: { div } });
});

test('a long value is read in one piece', () => {
  const long = 'x'.repeat(5_000_000);
  expect(format.parse(Buffer.from(text(long))).value).toMatchObject({ name: [{ text: long }] });
});

const MUTATED = 3_000;
const SNIPPETS = [
  '<',
  '>',
  '/',
  '"',
  '&',
  '&#',
  ']]>',
  '<![CDATA[',
  '<!--',
  '<?x ?>',
  '<!DOCTYPE',
  'xmlns=""',
  '\0',
  '<a/>',
];

test('damaged documents are read or refused, and nothing else', () => {
  const random = createRandom('damaged');
  const tally = { read: 0, refused: 0 };
  for (let i = 0; i < MUTATED; i++) {
    const bytes = Buffer.from(format.write(randomResource(definitions, random), random.chance(0.5)));
    const at = random.below(bytes.length);
    const behind = at + random.below(random.pick([1, 2, 20]));
    const between = random.chance(0.5)
      ? Buffer.from(random.pick(SNIPPETS))
      : Buffer.from([random.below(256)]);
    try {
      format.parse(Buffer.concat([bytes.subarray(0, at), between, bytes.subarray(behind)]));
      tally.read++;
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      expect(error.category).toBe('incorrect');
      tally.refused++;
    }
  }
  expect(tally.read).toBeGreaterThan(MUTATED / 20);
  expect(tally.refused).toBeGreaterThan(MUTATED / 5);
});

test('more elements than a document may have', () => {
  const shapes = new XmlShapes(definitions);
  const document = Buffer.from(patient('<name/>'.repeat(4)));
  expect(parseXml(shapes, document, 4).value).toHaveProperty('name.length', 4);
  expect(() => parseXml(shapes, document, 3)).toThrow('more than 3 elements');
});
