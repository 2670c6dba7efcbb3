import { beforeAll, describe, expect, test } from '@jest/globals';
import { JSON_DEPTH_MAX } from '../../../src/fhir/json/parse.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { NARRATIVE_DEPTH_MAX } from '../../../src/fhir/xml/read/narrativeReader.ts';
import { createXmlFormat, type XmlFormat } from '../../../src/fhir/xml/xmlFormat.ts';
import { r4Definitions } from '../../support/definitions.ts';

let format: XmlFormat;
beforeAll(async () => {
  format = createXmlFormat(await r4Definitions());
});

const parse = (xml: string | Buffer) => format.parse(Buffer.from(xml));
const value = (xml: string) => parse(xml).value;
const patient = (content: string) => `<Patient xmlns="http://hl7.org/fhir">${content}</Patient>`;

/** The refusal of a document: text and expression. */
function fault(xml: string | Buffer): [string, string[] | undefined] {
  try {
    parse(xml);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    expect(error).toMatchObject({ category: 'incorrect', issues: [{ code: 'structure' }] });
    return [error.issues[0]!.diagnostics, error.issues[0]!.expression];
  }
  throw new Error('was accepted');
}

describe('elements', () => {
  test('of every kind', () => {
    const xml = `\ufeff<?xml version="1.0" encoding="utf-8"?>
      <!-- a comment -->
      <f:Patient xmlns:f="http://hl7.org/fhir">
        <f:id value="p"/>
        <f:contained><f:Organization><f:id value="o"/></f:Organization></f:contained>
        <f:contained><f:Organization><f:id value="q"></f:id></f:Organization></f:contained>
        <f:extension id="e" url="urn:x"><f:valueDecimal value="1.50"/></f:extension>
        <f:active value="true"/>
        <f:name><f:given value="A"/><!-- between --><f:given id="g"/><f:given value="C"/></f:name>
        <f:birthDate value="2000-01-01"><f:extension url="urn:t"><f:valueInteger value="+5"/></f:extension></f:birthDate>
        <f:multipleBirthInteger value="2"/>
        <f:contact id="c"><f:gender value="other"/></f:contact>
      </f:Patient>`;
    const { exact } = parse(xml);
    expect(JSON.parse(JSON.stringify(exact))).toEqual({
      resourceType: 'Patient',
      id: 'p',
      contained: [
        { resourceType: 'Organization', id: 'o' },
        { resourceType: 'Organization', id: 'q' },
      ],
      extension: [{ id: 'e', url: 'urn:x', valueDecimal: 1.5 }],
      active: true,
      name: [{ given: ['A', null, 'C'], _given: [null, { id: 'g' }, null] }],
      birthDate: '2000-01-01',
      _birthDate: { extension: [{ url: 'urn:t', valueInteger: 5 }] },
      multipleBirthInteger: 2,
      contact: [{ id: 'c', gender: 'other' }],
    });
    expect(JSON.stringify(exact)).toContain('"valueDecimal":1.50');
  });

  test('a list of which no item has a value is no array of nulls', () => {
    expect(value(patient('<name><given id="a"/><given id="b"/></name>'))).toEqual({
      resourceType: 'Patient',
      name: [{ _given: [{ id: 'a' }, { id: 'b' }] }],
    });
  });

  test('resources in resources', () => {
    const xml =
      '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="a"/><resource><Bundle><type value="batch"/>' +
      '<entry><resource><Binary><contentType value="a/b"/><data value="AA&#10;AA"/></Binary></resource></entry>' +
      '</Bundle></resource></parameter></Parameters>';
    expect(value(xml)).toEqual({
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'a',
          resource: {
            resourceType: 'Bundle',
            type: 'batch',
            entry: [{ resource: { resourceType: 'Binary', contentType: 'a/b', data: 'AA\nAA' } }],
          },
        },
      ],
    });
  });
});

describe('structure', () => {
  test('elements that others reuse', () => {
    const item = (inner: string) => `<item><linkId value="l"/><type value="group"/>${inner}</item>`;
    const xml = `<Questionnaire xmlns="http://hl7.org/fhir">${item(item(item('')))}</Questionnaire>`;
    const nested = (inner?: object): object => ({ linkId: 'l', type: 'group', ...inner });
    expect(value(xml)).toEqual({
      resourceType: 'Questionnaire',
      item: [nested({ item: [nested({ item: [nested()] })] })],
    });
  });

  test('a document without exact numbers has one tree', () => {
    const parsed = parse(patient('<multipleBirthInteger value="2"/>'));
    expect(parsed.exact).toBe(parsed.value);
  });

  test('a number that no double carries stands in both trees', () => {
    const { value: plain, exact } = parse(
      '<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="0.10"/></valueQuantity></Observation>',
    );
    expect(plain).toEqual({ resourceType: 'Observation', valueQuantity: { value: 0.1 } });
    expect(JSON.stringify(exact)).toContain('0.10');
  });

  test('white space in values is what XML makes of it', () => {
    expect(value(patient('<name><text value="a\n\tb&#10;&#9;&#13;"/></name>'))).toEqual({
      resourceType: 'Patient',
      name: [{ text: 'a  b\n\t\r' }],
    });
  });

  test('what JSON can say as well is left to the validator', () => {
    expect(value(patient('<gender value=""/><birthDate value="x"/>'))).toEqual({
      resourceType: 'Patient',
      gender: '',
      birthDate: 'x',
    });
    expect(value(patient('<name/>'))).toEqual({ resourceType: 'Patient', name: [{}] });
  });
});

describe('narratives', () => {
  const div = (content: string, root = '') => {
    const xml = `<Patient xmlns="http://hl7.org/fhir"${root}><text><status value="generated"/>${content}</text></Patient>`;
    return (value(xml) as { text: { div: string } }).text.div;
  };
  const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';

  test.each([
    `<div ${XHTML}>a</div>`,
    `<div ${XHTML}/>`,
    `<div  id = 'x'\n${XHTML} >&#160;&lt;<br ></br><br/><!-- c --> <p class="a" xml:lang='de'>é 患</p>\n</div>`,
    `<div ${XHTML}><div>inner</div></div>`,
  ])('to the letter: %s', (text) => expect(div(text)).toBe(text));

  test('line ends are line feeds', () => {
    expect(div(`<div ${XHTML}>a\r\nb\rc</div>`)).toBe(`<div ${XHTML}>a\nb\nc</div>`);
  });

  test.each([
    [
      '<h:div>a<h:br/><h:p h:x="1">b</h:p></h:div>',
      `<div ${XHTML}>a<br/><p xmlns:h="http://www.w3.org/1999/xhtml" h:x="1">b</p></div>`,
    ],
    [`<div ${XHTML}>a<?b c?><p>d</p></div>`, `<div ${XHTML}>a<p>d</p></div>`],
    [`<div ${XHTML}><![CDATA[<b> & c]]></div>`, `<div ${XHTML}>&lt;b&gt; &amp; c</div>`],
    [
      `<div ${XHTML}><v:svg v:a="1" v:b="2"><v:g/></v:svg></div>`,
      `<div ${XHTML}><svg xmlns="urn:svg" xmlns:v="urn:svg" v:a="1" v:b="2"><g/></svg></div>`,
    ],
  ])('that need what is declared outside are written anew: %s', (text, expected) => {
    expect(div(text, ' xmlns:h="http://www.w3.org/1999/xhtml" xmlns:v="urn:svg"')).toBe(expected);
  });

  test('must be XHTML', () => {
    const text = `<text><status value="generated"/><div>a</div></text>`;
    expect(fault(patient(text))[0]).toContain('must be in the namespace http://www.w3.org/1999/xhtml');
  });

  test('nested too deep', () => {
    const nested = (levels: number) =>
      `<div ${XHTML}>${'<b>'.repeat(levels - 1)}${'</b>'.repeat(levels - 1)}</div>`;
    expect(div(nested(NARRATIVE_DEPTH_MAX))).toContain('<b>');
    expect(fault(patient(`<text>${nested(NARRATIVE_DEPTH_MAX + 1)}</text>`))[0]).toContain('nested deeper');
  });
});

const FAULTS: [string, string, string, string][] = [
  ['unknown element', '<nme/>', "Patient has no element 'nme'", 'Patient'],
  ['unknown name is not quoted', '<Müller/>', 'Patient has no element of this name', 'Patient'],
  [
    'element below',
    '<contact>\n <nam/></contact>',
    "Patient.contact has no element 'nam'",
    'Patient.contact[0]',
  ],
  ['choice without type', '<deceased value="true"/>', "no element 'deceased'", 'Patient'],
  ['type that the choice lacks', '<deceasedInteger value="1"/>', 'no element', 'Patient'],
  [
    'two types of a choice',
    '<deceasedBoolean value="true"/><deceasedDateTime value="2000"/>',
    'may stand once, and with one type',
    'Patient.deceased',
  ],
  ['a second', '<active value="true"/><active value="true"/>', 'may stand once', 'Patient.active'],
  ['order', '<gender value="male"/><active value="true"/>', "must stand before 'gender'", 'Patient.active'],
  [
    'apart',
    '<name><text value="a"/></name><telecom><value value="b"/></telecom><name><text value="c"/></name>',
    "must stand before 'telecom'",
    'Patient.name[0]',
  ],
  ['text', 'abc', 'There is text before this tag', 'Patient'],
  ['text below', '<name>abc<text value="a"/></name>', 'There is text', 'Patient.name[0]'],
  ['text as CDATA', '<![CDATA[abc]]>', 'There is text', 'Patient'],
  ['value as text', '<active>true</active>', 'There is text', 'Patient.active'],
  ['attribute', '<name use="official"/>', "There is no attribute 'use' here", 'Patient.name[0]'],
  [
    'attribute of another namespace',
    '<name xml:id="a"/>',
    "There is no attribute 'id' here",
    'Patient.name[0]',
  ],
  ['attribute of a primitive', '<active vlue="true"/>', "no attribute 'vlue'", 'Patient.active'],
  [
    'id of a resource as attribute',
    '<contained><Patient id="a"/></contained>',
    "no attribute 'id'",
    'Patient.contained[0]',
  ],
  [
    'url as element',
    '<extension><url value="urn:x"/></extension>',
    "Extension has no element 'url'",
    'Patient.extension[0]',
  ],
  [
    'empty primitive',
    '<name><given value="a"/><given/></name>',
    "'given' is empty",
    'Patient.name[0].given[1]',
  ],
  ['empty contained', '<contained/>', "'contained' is empty: give it a resource", 'Patient.contained[0]'],
  ['two resources', '<contained><Basic/><Basic/></contained>', 'Only one resource', 'Patient.contained[0]'],
  [
    'no resource',
    '<contained><HumanName/></contained>',
    'must be a resource: name it',
    'Patient.contained[0]',
  ],
  ['boolean', '<active value="1"/>', "value of 'active' cannot be read as boolean", 'Patient.active'],
  ['integer', '<multipleBirthInteger value="two"/>', 'cannot be read as integer', 'Patient.multipleBirth'],
  ['whole', '<multipleBirthInteger value="2.0"/>', 'cannot be read as integer', 'Patient.multipleBirth'],
  [
    'decimal',
    '<extension url="a"><valueDecimal value=".5"/></extension>',
    'as decimal',
    'Patient.extension[0].value',
  ],
  [
    'namespace',
    '<x:name xmlns:x="urn:x"/>',
    'must be in the namespace http://hl7.org/fhir',
    'Patient.name[0]',
  ],
];

describe('faults tell where they are', () => {
  test.each(FAULTS)('%s', (_what, content, text, expression) => {
    const [diagnostics, found] = fault(patient(content));
    expect(diagnostics).toContain(text);
    expect(diagnostics).toMatch(/^Line \d+, column \d+: /);
    expect(found).toEqual([expression]);
  });

  test('by line and column', () => {
    const xml = patient(
      '\n  <active value="true"/>\r\n  <name>\n    <given value="é"/> <giben\n value="x"/></name>',
    );
    expect(fault(xml)).toEqual([
      "Line 4, column 24: HumanName has no element 'giben': remove it or correct its name.",
      ['Patient.name[0]'],
    ]);
  });

  test.each([
    ['<patient xmlns="http://hl7.org/fhir"/>', 'Line 1, column 1: This element must be a resource: name it'],
    ['<DomainResource xmlns="http://hl7.org/fhir"/>', 'must be a resource'],
    ['<constructor xmlns="http://hl7.org/fhir"/>', 'must be a resource'],
  ])('%s', (xml, text) => {
    const [diagnostics, expression] = fault(xml);
    expect(diagnostics).toContain(text);
    expect(expression).toBeUndefined();
  });

  test('a resource in no namespace', () => {
    const [diagnostics, expression] = fault('<Patient/>');
    expect(diagnostics).toContain('in the namespace http://hl7.org/fhir: declare it by xmlns');
    expect(expression).toEqual(['Patient']);
  });

  test('nested deeper than JSON may be', () => {
    const extension = (levels: number): string =>
      levels === 0 ? '<valueCode value="a"/>' : `<extension url="u">${extension(levels - 1)}</extension>`;
    const levels = (JSON_DEPTH_MAX - 2) / 2;
    expect(value(patient(extension(levels)))).toBeDefined();
    expect(fault(patient(extension(levels + 1)))[0]).toContain('nested deeper');
  });
});
