import { afterAll, beforeAll, expect, test } from '@jest/globals';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { FhirError } from '../../../src/fhir/outcome.ts';
import { readBody } from '../../../src/rest/http/body.ts';
import { BodyRoom, type BodyLease } from '../../../src/rest/http/bodyRoom.ts';

const ROOM_BYTES = 1000;
const room = new BodyRoom(ROOM_BYTES);
const held: BodyLease[] = [];
let url: string;

/** Keeps every lease until it is told to let go, as a server does whose work takes long. */
const server = http.createServer((request, response) => {
  const lease = room.lease();
  held.push(lease);
  readBody(request, 10 * ROOM_BYTES, lease).then(
    (body) => response.end(String(body.length)),
    (error: FhirError) => response.end(error.category),
  );
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const post = async (body: Uint8Array, headers: Record<string, string> = {}) =>
  (await fetch(url, { method: 'POST', body: Buffer.from(body), headers })).text();
const letGo = () => held.splice(0).forEach((lease) => lease.release());

test('bodies share their room, and give it back', async () => {
  expect(await post(Buffer.alloc(600))).toBe('600');
  expect(await post(Buffer.alloc(400))).toBe('400');
  expect(await post(Buffer.alloc(1))).toBe('busy');
  letGo();
  expect(await post(Buffer.alloc(ROOM_BYTES))).toBe(String(ROOM_BYTES));
  letGo();
});

test('one alone may be larger than the room', async () => {
  expect(await post(Buffer.alloc(5 * ROOM_BYTES))).toBe(String(5 * ROOM_BYTES));
  expect(await post(Buffer.alloc(1))).toBe('busy');
  letGo();
});

test('what a body becomes by decompression counts', async () => {
  expect(await post(Buffer.alloc(1))).toBe('1');
  expect(await post(gzipSync(Buffer.alloc(ROOM_BYTES)), { 'Content-Encoding': 'gzip' })).toBe('busy');
  letGo();
});
