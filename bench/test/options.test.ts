import { describe, expect, test } from '@jest/globals';
import { parseOptions } from '../src/options.ts';

describe('parseOptions', () => {
  test('has the defaults of the published benchmark', () => {
    expect(parseOptions([])).toMatchObject({
      scale: 1,
      seconds: 5,
      rounds: 3,
      save: true,
    });
    expect(parseOptions([])?.connections).toBeUndefined();
    expect(parseOptions([])?.growth).toBeUndefined();
    expect(parseOptions([])?.cases.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['read', 'create', 'update']),
    );
  });
  test('reads what is given', () => {
    const args = ['--scale', '0.1', '--connections', '2,4', '--only', 'update,read', '--no-save', '--reuse'];
    const options = parseOptions(args);
    expect(options).toMatchObject({ scale: 0.1, connections: [2, 4], save: false, reuse: true });
    expect(parseOptions(['--growth', '10'])?.growth).toBe(10);
    expect(options?.cases.map(({ name }) => name)).toEqual(['update', 'read']);
    expect(options?.validation).toBe(false);
    expect(options?.terminology).toBe(false);
    const others = { cases: [], validation: true, terminology: false };
    expect(parseOptions(['--only', 'validation'])).toMatchObject(others);
    expect(parseOptions(['--only', 'validation,terminology'])).toMatchObject({
      ...others,
      terminology: true,
    });
    expect(parseOptions(['--only', 'events'])).toMatchObject({ cases: [], validation: false, events: true });
    expect(parseOptions(['--only', 'imaging'])).toMatchObject({ cases: [], events: false, imaging: true });
    const everything = { validation: true, terminology: true, events: true, imaging: false };
    expect(parseOptions([])).toMatchObject(everything);
  });
  test('asks for nothing but help', () => expect(parseOptions(['--help'])).toBeUndefined());
  test.each([
    [['--only', 'raed'], "no case 'raed'"],
    [['--scale', '0'], '--scale'],
    [['--connections', '1,x'], '--connections'],
    [['--rounds', '1.5'], '--rounds'],
    [['--growth', '0'], '--growth'],
    [['--sclae', '1'], 'sclae'],
  ])('refuses %p', (args, message) => expect(() => parseOptions(args)).toThrow(message));
});
