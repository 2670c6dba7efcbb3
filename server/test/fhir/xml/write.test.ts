import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseExact } from '../../../src/fhir/json/parse.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { createXmlFormat, type XmlFormat } from '../../../src/fhir/xml/xmlFormat.ts';
import { r4Definitions } from '../../support/definitions.ts';

let format: XmlFormat;
beforeAll(async () => {
  format = createXmlFormat(await r4Definitions());
});

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const write = (resource: object, pretty = false) =>
  format.write(parseExact(JSON.stringify({ resourceType: 'Patient', ...resource })) as Resource, pretty);
/** What stands in the root. */
const content = (resource: object) => {
  const root =
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Patient xmlns="http:\/\/hl7.org\/fhir">(.*)<\/Patient>\n$/s;
  return root.exec(write(resource))![1];
};

test('elements in the order of the definition, ids and urls as attributes', () => {
  const text = `{"resourceType":"Patient","name":[{"family":"F","given":["a",null],"_given":[null,{"id":"g"}],"id":"n"}],
    "_active":{"extension":[{"valueDecimal":1.50,"url":"urn:x"}]},"id":"p","contained":[{"resourceType":"Basic","id":"b"}],
    "deceasedBoolean":false,"multipleBirthInteger":2}`;
  expect(format.write(parseExact(text) as Resource, false)).toBe(
    `${DECLARATION}<Patient xmlns="http://hl7.org/fhir"><id value="p"/><contained><Basic><id value="b"/></Basic></contained>` +
      '<active><extension url="urn:x"><valueDecimal value="1.50"/></extension></active>' +
      '<name id="n"><family value="F"/><given value="a"/><given id="g"/></name>' +
      '<deceasedBoolean value="false"/><multipleBirthInteger value="2"/></Patient>\n',
  );
});

test('a resource without elements', () => {
  expect(write({})).toBe(`${DECLARATION}<Patient xmlns="http://hl7.org/fhir"/>\n`);
});

test('indented for people, but not the narrative', () => {
  const div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>a</p> b</div>';
  const resource = {
    text: { status: 'generated', div },
    contained: [{ resourceType: 'Basic', id: 'b' }],
    name: [{ text: 'x', _text: { id: 'i' } }],
  };
  expect(write(resource, true)).toBe(`${DECLARATION}<Patient xmlns="http://hl7.org/fhir">
  <text>
    <status value="generated"/>
    ${div}
  </text>
  <contained>
    <Basic>
      <id value="b"/>
    </Basic>
  </contained>
  <name>
    <text id="i" value="x"/>
  </name>
</Patient>
`);
});

describe('characters', () => {
  const text = (value: string) => content({ name: [{ text: value }] });
  test.each([
    ['markup', `<a b="c" d='e'> & ]]>`, `&lt;a b=&quot;c&quot; d='e'> &amp; ]]>`],
    ['white space', ' a\tb\nc\rd ', ' a&#9;b&#10;c&#13;d '],
    ['control characters', 'a\u0000b\u0001c\u001fd', 'a\ufffdb\ufffdc\ufffdd'],
    ['what is no character', '\ufffe\uffff', '\ufffd\ufffd'],
    ['half a character', 'a\ud800b\udc00c', 'a\ufffdb\ufffdc'],
    ['half a character among others', '\u{1f600}\ud800<', '\u{1f600}\ufffd&lt;'],
    ['beyond the basic plane', 'é患\u{1f600}\u{1ffff}', 'é患\u{1f600}\u{1ffff}'],
  ])('%s', (_what, value, written) => {
    expect(text(value)).toBe(`<name><text value="${written}"/></name>`);
  });
});

describe('narratives', () => {
  const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';
  const div = (value: string) => /<text>(.*)<\/text>/s.exec(content({ text: { div: value } })!)![1];

  test.each([`<div ${XHTML}>a<br/>&#160;<b  x='1'>é</b><!-- c --></div>`, `<div ${XHTML}/>`])(
    'to the letter: %s',
    (text) => expect(div(text)).toBe(text),
  );

  test.each([
    ['<div>a</div>', `<div ${XHTML}>a</div>`],
    ['\n <div/>\n', `<div ${XHTML}/>`],
    ['<div class="div">a</div>', `<div ${XHTML} class="div">a</div>`],
  ])('get their namespace: %j', (text, written) => expect(div(text)).toBe(written));

  test.each([
    '<div>a<br></div>',
    '<div>a &nbsp; b</div>',
    '<div>a</div></text><active value="true"/>',
    '<div>a</div><div>b</div>',
    '<div xmlns="urn:x">a</div>',
    '<p>a</p>',
    '<?xml version="1.0"?><div>a</div>',
    '<!DOCTYPE div><div>a</div>',
    '<div><?php x ?></div>',
    'plain',
    '<div>a\u0001</div>',
  ])('that are no XHTML are shown as text: %s', (text) => {
    const written = div(text)!;
    expect(written).toMatch(/^<div xmlns="http:\/\/www\.w3\.org\/1999\/xhtml">[^<]*<\/div>$/);
    const shown = written
      .replace(/^<div[^>]*>|<\/div>$/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>');
    expect(shown.replaceAll('&amp;', '&')).toBe(text.replace('\u0001', '\ufffd'));
  });

  test('whatever they are, the document can be read', () => {
    for (const text of [
      '<div>a<br></div>',
      '<div>&nbsp;</div>',
      '<div>a</div>',
      '</div>',
      '<div>\u0001</div>',
    ]) {
      const parsed = format.parse(Buffer.from(write({ text: { status: 'generated', div: text } })));
      expect(parsed.value).toMatchObject({ text: { div: expect.stringContaining('<div xmlns=') } });
    }
  });
});

test.each<[string, object]>([
  ['a property', { nme: 'x' }],
  ['the id of an element that has none', { _constructor: {} }],
  ['an object for a value', { active: {} }],
  ['a value for an object', { name: ['x'] }],
  ['a list for an object', { maritalStatus: [{ text: 'x' }] }],
  ['a resource of no type', { contained: [{ id: 'x' }] }],
])('what the definitions do not know is not left out in silence: %s', (_what, resource) => {
  expect(() => write(resource)).toThrow(Error);
});
