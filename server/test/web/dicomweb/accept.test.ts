import { describe, expect, test } from '@jest/globals';
import { acceptedTypes, chosenType } from '../../../src/web/dicomweb/accept.ts';
import { frameTypes } from '../../../src/web/dicomweb/retrieve/frameTypes.ts';

const LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const LOSSLESS = '1.2.840.10008.1.2.4.70';
const JPEG_LS = '1.2.840.10008.1.2.4.80';
const frames = (header: string | undefined, canBeSingle = true) =>
  frameTypes(acceptedTypes(header, undefined), canBeSingle);

describe('what a client accepts', () => {
  test('is ordered by quality, and read with quoted parameters', () => {
    const header = `image/jpeg;q=0.5, multipart/related; type="image/jls"; transfer-syntax="${JPEG_LS}", text/html;q=0`;
    expect(acceptedTypes(header, undefined)).toEqual([
      { isMultipart: true, mediaType: 'image/jls', transferSyntax: JPEG_LS },
      { isMultipart: false, mediaType: 'image/jpeg' },
    ]);
  });

  test('is said by the parameter before the header, and is anything if nothing is said', () => {
    expect(acceptedTypes('image/png', 'image/jpeg')).toEqual([
      { isMultipart: false, mediaType: 'image/jpeg' },
    ]);
    expect(acceptedTypes(undefined, undefined)).toEqual([{ isMultipart: false, mediaType: '*/*' }]);
  });

  test('picks the first that is offered, or is told what there is', () => {
    const offered = ['image/jpeg', 'image/png'] as const;
    expect(chosenType(acceptedTypes('image/*', undefined), offered)).toBe('image/jpeg');
    expect(chosenType(acceptedTypes('image/gif, image/png', undefined), offered)).toBe('image/png');
    expect(() => chosenType(acceptedTypes('image/gif', undefined), offered)).toThrow(
      /image\/jpeg or image\/png/,
    );
  });
});

describe('frames', () => {
  test.each([
    ['of dicomweb-client', 'multipart/related; type="application/octet-stream"', [[LITTLE_ENDIAN]], true],
    ['of OHIF', 'multipart/related; type=application/octet-stream; transfer-syntax=*', [['*']], true],
    ['in one syntax', `multipart/related; type="image/jls"; transfer-syntax=${JPEG_LS}`, [[JPEG_LS]], true],
    ['alone', 'application/octet-stream', [[LITTLE_ENDIAN]], false],
    ['as anything', '*/*', [[LITTLE_ENDIAN], ['*']], true],
    ['without a header', undefined, [[LITTLE_ENDIAN], ['*']], true],
  ])('%s', (_who, header, attempts, isMultipart) => {
    expect(frames(header)).toMatchObject({ attempts, isMultipart });
  });

  test('come in the type that was asked for', () => {
    const any = frames('multipart/related; type=application/octet-stream; transfer-syntax=*');
    expect(any.contentType(LOSSLESS)).toBe(`application/octet-stream; transfer-syntax=${LOSSLESS}`);
    const image = frames('multipart/related; type="image/*"; transfer-syntax=*');
    expect(image.contentType(LOSSLESS)).toBe(`image/jpeg; transfer-syntax=${LOSSLESS}`);
    expect(image.attempts[0]).toContain(JPEG_LS);
    expect(image.attempts[0]).not.toContain(LITTLE_ENDIAN);
  });

  test('several come in parts, and in nothing that is no frame', () => {
    expect(frames('application/octet-stream', false).isMultipart).toBe(true);
    expect(() => frames('text/html')).toThrow(expect.objectContaining({ category: 'not-acceptable' }));
    expect(() => frames(`image/jls; transfer-syntax=${LOSSLESS}`)).toThrow(
      expect.objectContaining({ category: 'not-acceptable' }),
    );
  });
});
