import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { createServer as createTls } from 'node:tls';
import { SaxesParser } from 'saxes';
import { FileSink } from '../../../src/audit/forward/fileSink.ts';
import { Forwarder } from '../../../src/audit/forward/forwarder.ts';
import { dicomMessage } from '../../../src/audit/forward/dicomMessage.ts';
import type { Sink } from '../../../src/audit/forward/sink.ts';
import { SyslogSink, syslogTarget, type SyslogTls } from '../../../src/audit/forward/syslogSink.ts';
import { EVENTS, type AuditEventName } from '../../../src/audit/events.ts';
import { readCopies } from '../../../src/audit/sealing/copies.ts';
import { auditLayout } from '../../../src/audit/layout.ts';
import { ForwardTable } from '../../../src/store/audit/forwardTable.ts';
import { createValidator } from '../../../src/validation/createValidator.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { issuesNow } from '../../support/validation.ts';
import { folders, readRecord, until } from '../support.ts';
import { auditWorld, type AuditWorld } from '../world.ts';

const BASE = 'https://clinic.example/fhir/R4';
const site = folders();
let world: AuditWorld;
let dataDir: string;
let count = 0;
beforeAll(async () => {
  world = await auditWorld();
  dataDir = site.make();
});
afterAll(async () => {
  site.cleanUp();
  await world.close();
});
beforeEach(() => {
  world.logged.length = 0;
});

function forwarder(sink: Sink): Forwarder {
  const { table, checkpoints, database, schema, logged } = world;
  const forwards = new ForwardTable(database, schema);
  const log = (level: string, message: string) => void logged.push(`${level} ${message}`);
  return new Forwarder(sink, { table, checkpoints, forwards, log, intervalMs: 20 });
}

/** Stores and seals records. @returns their request ids */
async function sealed(n: number): Promise<string[]> {
  const records = Array.from({ length: n }, () => readRecord({ requestId: `f${(count += 1)}` }));
  await world.write(...records);
  await world.sealAll(dataDir);
  return records.map(({ requestId }) => requestId!);
}

/** A syslog server that counts octets, as RFC 6587 has it. */
async function collector(make: (onSocket: (socket: Socket) => void) => Server, port = 0) {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const server = make((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // cut by the test
    let rest = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      for (let space = rest.indexOf(' '); space > 0; space = rest.indexOf(' ')) {
        const end = space + 1 + Number(rest.subarray(0, space).toString());
        if (end > rest.length) break;
        messages.push(rest.subarray(space + 1, end).toString());
        rest = rest.subarray(end);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    messages,
    port: (server.address() as AddressInfo).port,
    close(): Promise<unknown> {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const requestIds = (messages: readonly string[]) =>
  messages.flatMap((message) => /ParticipantObjectID="(f\d+)"/.exec(message)?.[1] ?? []);

describe('to syslog', () => {
  const sinkTo = (port: number, tls = false, secrets: SyslogTls = {}) =>
    new SyslogSink({ host: '127.0.0.1', port, tls }, secrets, BASE);

  test('records go as messages of RFC 5424 with octet counting, in their order, and checkpoints with them', async () => {
    const server = await collector(createTcp);
    const ids = await sealed(5);
    const one = forwarder(sinkTo(server.port));
    await one.forward();
    await until(() => server.messages.length >= 6, 'all have come');
    expect(requestIds(server.messages)).toEqual(ids);
    expect(server.messages[0]).toMatch(
      /^<85>1 2026-01-02T03:04:05\.678Z \S+ maxray \d+ DICOM\+RFC3881 - \ufeff<\?xml version="1\.0" encoding="UTF-8"\?><AuditMessage>/,
    );
    const checkpoint = server.messages.at(-1)!;
    expect(checkpoint).toMatch(/ CHECKPOINT - \ufeff\{"number":1,/);
    expect(JSON.parse(checkpoint.slice(checkpoint.indexOf('{')))).toEqual(
      readCopies(auditLayout(dataDir).copies).copies[0],
    );
    const more = await sealed(2);
    await one.forward();
    await until(() => server.messages.length >= 9, 'more have come');
    expect(requestIds(server.messages)).toEqual([...ids, ...more]);
    await one.stop();
    await server.close();
  });

  test('what a server has not taken comes again, at least once', async () => {
    const server = await collector(createTcp);
    const { port } = server;
    const one = forwarder(sinkTo(port));
    one.start();
    const before = await sealed(1);
    await until(() => before.every((id) => requestIds(server.messages).includes(id)), 'the first has come');
    await server.close();
    const meanwhile = await sealed(3);
    await until(() => world.logged.some((line) => line.startsWith('warn records')), 'it is told');
    const again = await collector(createTcp, port);
    await until(
      () => meanwhile.every((id) => requestIds(again.messages).includes(id)),
      'the others have come',
    );
    await one.stop();
    await again.close();
    expect(world.logged).toContainEqual(
      expect.stringMatching(/^info records of the audit log are sent .* again$/),
    );
  });

  test('over TLS only to a server that is known', async () => {
    const folder = site.make();
    const [keyFile, certFile] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name)) as [
      string,
      string,
    ];
    const args = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
    ];
    const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', [...args, ...names, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' });
    const [key, cert] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')];
    const server = await collector((onSocket) => createTls({ key, cert }, onSocket));
    const ids = await sealed(2);
    const stranger = forwarder(sinkTo(server.port, true));
    await expect(stranger.forward()).rejects.toThrow(/self-signed certificate/);
    await stranger.stop();
    expect(server.messages).toEqual([]);
    const known = forwarder(sinkTo(server.port, true, { ca: cert }));
    await known.forward();
    await until(() => ids.every((id) => requestIds(server.messages).includes(id)), 'all have come');
    await known.stop();
    await server.close();
  });

  test.each([
    ['syslog://logs.example', { host: 'logs.example', port: 601, tls: false }],
    ['syslogs://logs.example:7000', { host: 'logs.example', port: 7000, tls: true }],
    ['syslogs://[::1]', { host: '::1', port: 6514, tls: true }],
    ['https://logs.example', undefined],
    ['syslog://logs.example/path', undefined],
    ['syslog://user@logs.example', undefined],
    ['logs.example', undefined],
  ])('an address %s', (text, target) => {
    expect(syslogTarget(text)).toEqual(target);
  });
});

describe('to a file', () => {
  test('records go as AuditEvents in lines, also when the file is moved away', async () => {
    const validator = createValidator(await r4Definitions());
    const file = path.join(site.make(), 'audit', 'events.ndjson');
    const one = forwarder(new FileSink(file, BASE));
    const linesOf = (name: string) =>
      readFileSync(name, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { resourceType?: string; id?: string });
    await sealed(2);
    await one.forward();
    const first = linesOf(file);
    const events = first.filter(({ resourceType }) => resourceType === 'AuditEvent');
    expect(events.map(({ id }) => id)).toEqual((await world.all()).map(({ place }) => `audit-${place}`));
    for (const event of events) expect(issuesNow(validator, event)).toEqual([]);
    expect(first.length - events.length).toBe(readCopies(auditLayout(dataDir).copies).copies.length);
    renameSync(file, `${file}.1`);
    await one.forward();
    expect(existsSync(file)).toBe(false);
    await sealed(1);
    await one.forward();
    expect(linesOf(file)).toHaveLength(2);
    await one.stop();
  });

  test('one process at a time sends, and another goes on where it has ended', async () => {
    const file = path.join(site.make(), 'events.ndjson');
    const [one, two] = [forwarder(new FileSink(file, BASE)), forwarder(new FileSink(file, BASE))];
    await Promise.all([one.forward(), two.forward()]);
    const ids = () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line) => /^\{"resourceType":"AuditEvent","id":"([^"]+)"/.exec(line)?.[1] ?? []);
    const all = (await world.all()).map(({ place }) => `audit-${place}`);
    expect(ids()).toEqual(all);
    await one.stop();
    await two.stop();
    await sealed(1);
    const three = forwarder(new FileSink(file, BASE));
    await three.forward();
    await three.stop();
    expect(ids()).toHaveLength(all.length + 1);
  });
});

test.each(Object.keys(EVENTS) as AuditEventName[])('%s is well-formed as a DICOM audit message', (event) => {
  const record = readRecord({
    event,
    query: 'Patient?name=<&">',
    breakGlass: 'a <b> & "c"\u0001\n',
    agent: { ...readRecord().agent, userName: 'Ö <x>' },
  });
  const seen: string[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name }) => seen.push(name));
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(dicomMessage({ place: 3, record }, BASE)).close();
  expect(seen.slice(0, 4)).toEqual(['AuditMessage', 'EventIdentification', 'EventID', 'EventTypeCode']);
  expect(seen.filter((name) => name === 'ActiveParticipant')).toHaveLength(3);
  expect(seen.filter((name) => name === 'ParticipantObjectIdentification')).toHaveLength(5);
  expect(seen).toContain('AuditSourceIdentification');
});
