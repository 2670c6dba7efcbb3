import { describe, expect, test } from '@jest/globals';
import { responseFaults } from '../../src/validation/questionnaires/checkResponse.ts';

describe('limits of an item', () => {
  const HL7 = 'http://hl7.org/fhir/StructureDefinition';
  const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire';
  const UCUM = 'http://unitsofmeasure.org';
  const quantity = (value: number, code: string) => ({ valueQuantity: { value, system: UCUM, code } });
  const faultsOf = (type: string, limits: [string, object][], ...answer: object[]) => {
    const extension = limits.map(([name, value]) => ({
      url: name.includes(':') ? name : `${HL7}/${name}`,
      ...value,
    }));
    const item = [{ linkId: '1', type, repeats: true, required: true, extension }];
    const response = { status: 'completed', item: [{ linkId: '1', answer }] };
    return responseFaults({ item }, response).map(({ rule, path }) => `${rule} ${path}`);
  };
  const atValue = ['questionnaire-value item[0].answer[0].value'];

  test.each<[string, string, object, object, object]>([
    ['minValue', 'integer', { valueInteger: 3 }, { valueInteger: 3 }, { valueInteger: 2 }],
    ['maxValue', 'decimal', { valueDecimal: 1.5 }, { valueDecimal: 1.5 }, { valueDecimal: 1.51 }],
    ['minValue', 'date', { valueDate: '2020-02' }, { valueDate: '2020' }, { valueDate: '2020-01-31' }],
    ['maxDecimalPlaces', 'decimal', { valueInteger: 2 }, { valueDecimal: 1.25 }, { valueDecimal: 1.255 }],
    ['maxDecimalPlaces', 'quantity', { valueInteger: 0 }, quantity(5, 'kg'), quantity(5.5, 'kg')],
    ['regex', 'string', { valueString: '[A-Z]{2}\\d+' }, { valueString: 'AB12' }, { valueString: 'xAB12' }],
    ['regex', 'text', { valueString: 'a|b' }, { valueString: 'b' }, { valueString: 'ab' }],
    [`${SDC}-minQuantity`, 'quantity', { ...quantity(1, 'kg') }, quantity(1000, 'g'), quantity(999, 'g')],
    [`${SDC}-maxQuantity`, 'quantity', { ...quantity(1, 'kg') }, quantity(1, 'kg'), quantity(1001, 'g')],
    ['maxDecimalPlaces', 'decimal', { valueInteger: 2 }, { valueDecimal: 1e21 }, { valueDecimal: 1e-7 }],
    [
      'questionnaire-unitOption',
      'quantity',
      { valueCoding: { system: 'http://unitsofmeasure.org', code: 'kg' } },
      { valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'kg' } },
      { valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'g' } },
    ],
    [
      'questionnaire-referenceResource',
      'reference',
      { valueCode: 'Patient' },
      { valueReference: { reference: 'http://x/Patient/1' } },
      { valueReference: { reference: 'Group/1' } },
    ],
    [
      'mimeType',
      'attachment',
      { valueCode: 'text/plain' },
      { valueAttachment: { contentType: 'text/plain' } },
      { valueAttachment: { contentType: 'text/html' } },
    ],
    [
      'mimeType',
      'attachment',
      { valueCode: 'image/' },
      { valueAttachment: { contentType: 'image/png' } },
      { valueAttachment: { url: 'http://x' } },
    ],
    [
      'questionnaire-unitOption',
      'quantity',
      { valueCoding: { system: UCUM, code: 'kg', display: 'kilogram' } },
      { valueQuantity: { value: 1, unit: 'kilogram' } },
      { valueQuantity: { value: 1, unit: 'stone' } },
    ],
    [
      'maxSize',
      'attachment',
      { valueDecimal: 0.000003 },
      { valueAttachment: { data: 'AAAA' } },
      { valueAttachment: { data: 'AAAAAA==' } },
    ],
    [
      'maxSize',
      'attachment',
      { valueDecimal: 0.001 },
      { valueAttachment: { size: 1000 } },
      { valueAttachment: { size: 1001 } },
    ],
  ])('%s of a %s', (name, type, limit, good, bad) => {
    expect(faultsOf(type, [[name, limit]], good)).toEqual([]);
    expect(faultsOf(type, [[name, limit]], bad)).toEqual(atValue);
  });

  test('of a pattern that takes too long is not applied', () => {
    const evil = { valueString: '(a+)+(a+)+(a+)+b' };
    const answers = Array.from({ length: 50 }, () => ({ valueString: 'a'.repeat(5_000) }));
    expect(faultsOf('text', [['regex', evil]], ...answers).length).toBeLessThan(answers.length);
    expect(faultsOf('text', [['regex', { valueString: '(' }]], { valueString: 'x' })).toEqual([]);
  });

  test('of an option that stands alone', () => {
    const alone = [{ url: `${HL7}/questionnaire-optionExclusive`, valueBoolean: true }];
    const coding = (code: string) => ({ valueCoding: { system: 'http://x', code } });
    const answerOption = [coding('a'), coding('b'), { ...coding('none'), extension: alone }];
    const item = [{ linkId: '1', type: 'choice', repeats: true, answerOption }];
    const found = (...codes: string[]) =>
      responseFaults(
        { item },
        { status: 'completed', item: [{ linkId: '1', answer: codes.map(coding) }] },
      ).map(({ rule, path }) => `${rule} ${path}`);
    expect(found('a', 'b')).toEqual([]);
    expect(found('none')).toEqual([]);
    expect(found('a', 'none')).toEqual(['questionnaire-option item[0].answer[1].value']);
  });

  test('of lengths and counts', () => {
    const text = { valueString: 'ab' };
    expect(faultsOf('string', [['minLength', { valueInteger: 2 }]], text)).toEqual([]);
    expect(faultsOf('string', [['minLength', { valueInteger: 3 }]], text)).toEqual([
      'questionnaire-length item[0].answer[0].value',
    ]);
    const occurs = (kind: string): [string, object][] => [
      [`questionnaire-${kind}Occurs`, { valueInteger: 2 }],
    ];
    expect(faultsOf('string', occurs('min'), text, text)).toEqual([]);
    expect(faultsOf('string', occurs('min'), text)).toEqual(['questionnaire-required item[0]']);
    expect(faultsOf('string', occurs('max'), text, text)).toEqual([]);
    expect(faultsOf('string', occurs('max'), text, text, text)).toEqual(['questionnaire-repeats ']);
  });
});
