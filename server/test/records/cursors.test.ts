import { expect, test } from '@jest/globals';
import { Cursors } from '../../src/records/cursors.ts';

const cursors = new Cursors(Buffer.alloc(32, 7));
const anna = { id: 'anna' };

test('a cursor opens for the same caller and query only', () => {
  const sealed = cursors.seal(anna, 'Patient?name=x', { rid: 5 });
  expect(cursors.open(anna, 'Patient?name=x', sealed)).toEqual({ rid: 5 });
  expect(() => cursors.open({ id: 'berta' }, 'Patient?name=x', sealed)).toThrow('page link');
  expect(() => cursors.open(anna, 'Patient?name=y', sealed)).toThrow('page link');
  expect(() => new Cursors(Buffer.alloc(32, 8)).open(anna, 'Patient?name=x', sealed)).toThrow('page link');
});

test('nothing of the position shows, and no damage passes', () => {
  const sealed = cursors.seal(anna, 'q', 'Müller 1950-02-03');
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('1950');
  for (let i = 0; i < sealed.length; i++) {
    const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1);
    if (Buffer.from(changed, 'base64url').equals(Buffer.from(sealed, 'base64url'))) continue;
    expect(() => cursors.open(anna, 'q', changed)).toThrow('page link');
  }
  for (const junk of ['', 'A', 'x'.repeat(500)])
    expect(() => cursors.open(anna, 'q', junk)).toThrow('page link');
});
