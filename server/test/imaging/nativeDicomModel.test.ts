import { expect, test } from '@jest/globals';
import type { DicomJson } from '../../src/imaging/dicomJson.ts';
import { nativeDicomModel } from '../../src/imaging/nativeDicomModel.ts';

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?><NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">';

test.each([
  [
    'an empty element',
    { '00200010': { vr: 'SH' } },
    '<DicomAttribute tag="00200010" vr="SH"></DicomAttribute>',
  ],
  [
    'values, of which one is not there',
    { '00080061': { vr: 'CS', Value: ['DX', null, 'SR'] } },
    '<DicomAttribute tag="00080061" vr="CS"><Value number="1">DX</Value><Value number="3">SR</Value></DicomAttribute>',
  ],
  [
    'what is markup, and what XML cannot carry',
    { '00081030': { vr: 'LO', Value: ['<a> & "b"\u0007'] } },
    expect.stringMatching(/<Value number="1">&lt;a(>|&gt;) &amp; ("|&quot;)b("|&quot;)[^\u0007]*<\/Value>/),
  ],
  [
    'names in their parts and forms',
    { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Yamada^Tarou^^Dr', Ideographic: '山田^太郎' }] } },
    '<DicomAttribute tag="00100010" vr="PN"><PersonName number="1"><Alphabetic><FamilyName>Yamada</FamilyName><GivenName>Tarou</GivenName><NamePrefix>Dr</NamePrefix></Alphabetic><Ideographic><FamilyName>山田</FamilyName><GivenName>太郎</GivenName></Ideographic></PersonName></DicomAttribute>',
  ],
  [
    'sequences, bulk data and bytes',
    {
      '00081199': { vr: 'SQ', Value: [{ '00081150': { vr: 'UI', Value: ['1.2'] } }] },
      '00420011': { vr: 'OB', InlineBinary: 'AAE=' },
      '7FE00010': { vr: 'OW', BulkDataURI: 'https://a/b?c&d' },
    },
    '<DicomAttribute tag="00081199" vr="SQ"><Item number="1"><DicomAttribute tag="00081150" vr="UI"><Value number="1">1.2</Value></DicomAttribute></Item></DicomAttribute><DicomAttribute tag="00420011" vr="OB"><InlineBinary>AAE=</InlineBinary></DicomAttribute><DicomAttribute tag="7FE00010" vr="OW"><BulkData uri="https://a/b?c&amp;d"/></DicomAttribute>',
  ],
  [
    'who has defined a private element',
    { '00090010': { vr: 'LO', Value: ['ACME'] }, '00091001': { vr: 'LO', Value: ['x'] } },
    '<DicomAttribute tag="00090010" vr="LO"><Value number="1">ACME</Value></DicomAttribute><DicomAttribute tag="00091001" vr="LO" privateCreator="ACME"><Value number="1">x</Value></DicomAttribute>',
  ],
] as [string, DicomJson, string][])('the Native DICOM Model has %s', (_what, dataSet, expected) => {
  const xml = nativeDicomModel(dataSet);
  expect(xml.startsWith(HEAD) && xml.endsWith('</NativeDicomModel>')).toBe(true);
  expect(xml.slice(HEAD.length, -'</NativeDicomModel>'.length)).toEqual(expected);
});
