import { describe, expect, test } from '@jest/globals';
import { ContainedTypes } from '../../../src/store/index/containedTypes.ts';
import { createIndexer } from '../../../src/store/index/indexer.ts';
import { r4Definitions } from '../../support/definitions.ts';

describe('the types of what is contained', () => {
  test('are found by local id: of two with one id the first', () => {
    const types = new ContainedTypes({
      contained: [
        { id: 'a' },
        null,
        { resourceType: 'Patient', id: 'b' },
        { resourceType: 'Group', id: 'b' },
      ],
    });
    expect(['a', 'b', 'c', ''].map((id) => types.of(id))).toEqual([
      undefined,
      'Patient',
      undefined,
      undefined,
    ]);
    expect(
      [undefined, 'x', {}, { contained: 'x' }].map((container) => new ContainedTypes(container).of('b')),
    ).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('are not looked for anew for each local reference, from outside and from one to the other', async () => {
    const count = 50;
    let asked = 0;
    const observation = (i: number) => ({
      resourceType: 'Observation',
      get id() {
        asked++;
        return `o${i}`;
      },
      hasMember: [{ reference: `#o${(i + 1) % count}` }],
    });
    const contained = Array.from({ length: count }, (_, i) => observation(i));
    const hasMember = contained.map((_, i) => ({ reference: `#o${i}` }));
    createIndexer(await r4Definitions(), new Uint8Array(16)).index({
      resourceType: 'Observation',
      contained,
      hasMember,
    } as { resourceType: string });
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(10 * count);
  });
});
