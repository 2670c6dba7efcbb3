import { describe, expect, test } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { clientAddress } from '../../../src/rest/http/clientAddress.ts';

/** A request from `peer` that says to be forwarded. */
const from = (peer: string | undefined, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress: peer },
    headers: { ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }) },
  }) as unknown as IncomingMessage;

test('is the other end of the connection, whatever a client writes', () => {
  const addressOf = clientAddress([]);
  expect(addressOf(from('192.0.2.1', '198.51.100.1'))).toBe('192.0.2.1');
  expect(addressOf(from('::ffff:192.0.2.1'))).toBe('192.0.2.1');
  expect(addressOf(from(undefined))).toBeUndefined();
});

describe('behind proxies', () => {
  const addressOf = clientAddress(['loopback', '10.1.0.0/16', '2001:db8:1::1']);

  test.each([
    ['127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['::1', '198.51.100.1', '198.51.100.1'],
    ['::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['127.0.0.1', '2001:DB8::7', '2001:db8::7'],
    // What the client wrote stands before what the proxy appended.
    ['127.0.0.1', '127.0.0.1, 203.0.113.9, 198.51.100.1', '198.51.100.1'],
    ['127.0.0.1', '198.51.100.1, 10.1.2.3', '198.51.100.1'],
    ['127.0.0.1', '198.51.100.1, 2001:db8:1::1, 10.1.2.3', '198.51.100.1'],
    // Only what a proxy that is trusted says counts.
    ['198.51.100.1', '203.0.113.9', '198.51.100.1'],
    ['10.2.0.1', '203.0.113.9', '10.2.0.1'],
    ['127.0.0.1', undefined, '127.0.0.1'],
    ['127.0.0.1', '', '127.0.0.1'],
    ['127.0.0.1', 'unknown', '127.0.0.1'],
    ['127.0.0.1', "198.51.100.1, '; DROP TABLE", '127.0.0.1'],
    ['127.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['127.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
    // All are trusted: then it is the first of them.
    ['127.0.0.1', '10.1.0.1, 10.1.0.2', '10.1.0.1'],
  ])('%s that forwards for "%s" stands for %s', (peer, forwarded, expected) => {
    expect(addressOf(from(peer, forwarded))).toBe(expected);
  });

  test('an endless list is looked at from its end', () => {
    expect(addressOf(from('127.0.0.1', `${'10.1.0.1, '.repeat(10_000)}10.1.0.2`))).toBe('10.1.0.1');
  });

  test('private networks have a name', () => {
    const within = clientAddress(['private']);
    for (const peer of ['10.9.9.9', '172.31.0.1', '192.168.1.1', 'fd00::1'])
      expect(within(from(peer, '198.51.100.1'))).toBe('198.51.100.1');
    expect(within(from('172.32.0.1', '198.51.100.1'))).toBe('172.32.0.1');
  });
});

test.each(['proxy.example', '10.0.0.0/33', '10.0.0/8', '::1/129', '10.0.0.0/8/8', '10.0.0.0/', 'true', '1'])(
  '%s names no proxy',
  (name) => {
    expect(() => clientAddress([name])).toThrow(RangeError);
  },
);
