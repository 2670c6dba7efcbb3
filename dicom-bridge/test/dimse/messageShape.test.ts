import { describe, expect, test } from '@jest/globals';
import { commandFieldOf, DEPTH_MAX, ELEMENTS_MAX, isCostly } from '../../src/dimse/messageShape.ts';
import { DX_CLASS, encodeElements, EXPLICIT_LITTLE_ENDIAN, type Element } from '../support/dicomObject.ts';
import { sequenceItem } from '../support/image.ts';
import { storeCommand } from '../support/rawPeer.ts';

const IMPLICIT = '1.2.840.10008.1.2';
const [SEQUENCE, ITEM] = ['40000001', 'feff00e0'];
const UNKNOWN = 'ffffffff';
const [ITEM_END, SEQUENCE_END] = ['feff0de000000000', 'feffdde000000000'];

const levels = (depth: number): string => `${SEQUENCE}${UNKNOWN}${ITEM}${UNKNOWN}`.repeat(depth);
const ends = (depth: number): string => `${ITEM_END}${SEQUENCE_END}`.repeat(depth);
/** A sequence in a sequence, and so on, with their lengths. */
const sequence = (depth: number): Element => [
  0x0040,
  0x0100,
  'SQ',
  depth === 0 ? Buffer.alloc(0) : sequenceItem(sequence(depth - 1)),
];

describe('sequences', () => {
  test.each([
    [DEPTH_MAX, false],
    [DEPTH_MAX + 1, true],
  ])('%d deep', (depth, costly) => {
    expect(isCostly(Buffer.from(levels(depth) + ends(depth), 'hex'), IMPLICIT)).toBe(costly);
    expect(isCostly(Buffer.from(levels(depth), 'hex'), IMPLICIT)).toBe(costly);
    expect(isCostly(encodeElements([sequence(depth)]), EXPLICIT_LITTLE_ENDIAN)).toBe(costly);
  });

  test('one after the other are not deep', () => {
    const beside = (levels(2) + ends(2)).repeat(1_000);
    expect(isCostly(Buffer.from(beside, 'hex'), IMPLICIT)).toBe(false);
    const items = Buffer.concat(
      Array.from({ length: 1_000 }, () => sequenceItem([0x0008, 0x1155, 'UI', '1.2'])),
    );
    expect(isCostly(encodeElements([[0x0008, 0x1199, 'SQ', items]]), EXPLICIT_LITTLE_ENDIAN)).toBe(false);
  });

  test('are not shallower for ends that end nothing', () => {
    const deep = `${SEQUENCE}${UNKNOWN}${ITEM}${UNKNOWN}`.repeat(DEPTH_MAX + 1);
    expect(isCostly(Buffer.from(SEQUENCE_END.repeat(9) + deep, 'hex'), IMPLICIT)).toBe(true);
  });
});

test('elements are counted', () => {
  const one = Buffer.from('0900010000000000', 'hex');
  expect(isCostly(Buffer.concat(Array(ELEMENTS_MAX).fill(one)), IMPLICIT)).toBe(false);
  expect(isCostly(Buffer.concat(Array(ELEMENTS_MAX + 2).fill(one)), IMPLICIT)).toBe(true);
});

test('lengths that lie end what is looked at', () => {
  expect(isCostly(Buffer.from('10002000f0ffff7f4142', 'hex'), IMPLICIT)).toBe(false);
  expect(isCostly(Buffer.alloc(7), IMPLICIT)).toBe(false);
});

test('the kind of a command is known', () => {
  expect(commandFieldOf(storeCommand(DX_CLASS, '1.2.3'))).toBe(1);
  expect(commandFieldOf(Buffer.alloc(4))).toBeUndefined();
});
