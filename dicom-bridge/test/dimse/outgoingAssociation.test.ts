import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import dimse from 'dcmjs-dimse';
import {
  AssociationError,
  OutgoingAssociation,
  type Destination,
} from '../../src/dimse/outgoingAssociation.ts';
import { ConnectionEndedError } from '../../src/dimse/writeMessage.ts';
import { PLAIN_SYNTAXES, VERIFICATION } from '../../src/dimse/syntaxes.ts';
import { destinationOf } from '../../src/peers/destinations.ts';
import { openTestBridge, type TestBridge } from '../support/bridge.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { freePort } from '../support/freePort.ts';

const LOOPBACK = '127.0.0.1';
const OURS = 'OURS';
let folder: string;
let bridge: TestBridge;
let certificates: Certificates;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-tls-'));
  certificates = makeCertificates(folder, ['bridge', 'ours', 'stranger']);
  const { certFile, keyFile } = certificates;
  bridge = await openTestBridge({
    maxrayUrl: `http://${LOOPBACK}:9`, // nothing is there
    tls: { port: 0, certFile: certFile('bridge'), keyFile: keyFile('bridge'), caFile: certFile('ours') },
    allow: [{ aeTitle: OURS, address: LOOPBACK }],
  });
});
afterAll(async () => {
  await bridge.stop();
  rmSync(folder, { recursive: true });
});

const proposals = [{ abstractSyntaxUid: VERIFICATION, transferSyntaxUids: PLAIN_SYNTAXES }];
/** The status of an echo. */
async function echo(destination: Destination, callingAeTitle = OURS): Promise<number> {
  const association = await OutgoingAssociation.open({
    destination,
    callingAeTitle,
    proposals,
  });
  const [context] = association.contexts;
  const response = await association.invoke({
    request: new dimse.requests.CEchoRequest(),
    context: context!,
  });
  await association.release();
  return response.getStatus();
}
const plain = (port: number): Destination => ({ aeTitle: 'MAXRAY', host: LOOPBACK, port });

test('a peer is asked, and released', async () => {
  expect(await echo(plain(bridge.dicomPort))).toBe(0);
});

test('who refuses, is not there or says nothing is told apart from an answer', async () => {
  await expect(echo(plain(bridge.dicomPort), 'STRANGER')).rejects.toThrow(/refuses/);
  await expect(echo(plain(await freePort()))).rejects.toThrow(/ECONNREFUSED/);
  const silent = createServer().listen(0, LOOPBACK);
  await once(silent, 'listening');
  const destination = plain((silent.address() as AddressInfo).port);
  const opened = OutgoingAssociation.open({
    destination,
    callingAeTitle: OURS,
    proposals,
    times: { openMs: 50 },
  });
  await expect(opened).rejects.toThrow(AssociationError);
  silent.close();
});

/** P-DATA-TF with a part of a command that is not the last one (PS3.8 section 9.3.5). */
function commandPart(bytes: number): Buffer {
  const pdu = Buffer.alloc(12 + bytes);
  pdu.writeUInt8(4, 0);
  pdu.writeUInt32BE(bytes + 6, 2);
  pdu.writeUInt32BE(bytes + 2, 6);
  pdu.set([1, 1], 10); // presentation context, command
  return pdu;
}

test('an answer that does not end is not kept', async () => {
  const babbler = createServer((socket) => {
    const behind = connect(bridge.dicomPort, LOOPBACK).on('error', () => undefined);
    behind.pipe(socket.on('error', () => undefined).once('close', () => behind.destroy()));
    socket.once('data', (request: Buffer) => {
      behind.write(request);
      socket.once('data', () => {
        for (let count = 0; count < 20; count += 1) socket.write(commandPart(100_000));
      });
    });
  }).listen(0, LOOPBACK);
  await once(babbler, 'listening');
  await expect(echo(plain((babbler.address() as AddressInfo).port))).rejects.toThrow(ConnectionEndedError);
  babbler.close();
});

test('over TLS a peer shows a certificate that is trusted, and where one is named, that one', async () => {
  const read = (name: string) => ({
    key: readFileSync(certificates.keyFile(name)),
    cert: readFileSync(certificates.certFile(name)),
    ca: readFileSync(certificates.certFile('bridge')),
  });
  const peer = { aeTitle: 'MAXRAY', address: LOOPBACK, port: bridge.tlsPort!, isTls: true };
  const to = (certificate?: string, ours = read('ours')) =>
    destinationOf({ ...peer, ...(certificate !== undefined && { certificate }) }, ours)!;
  expect(await echo(to())).toBe(0);
  expect(await echo(to(certificates.fingerprintOf('bridge')))).toBe(0);
  await expect(echo(to(certificates.fingerprintOf('ours')))).rejects.toThrow(AssociationError);
  await expect(
    echo(to(undefined, { ...read('ours'), ca: readFileSync(certificates.certFile('stranger')) })),
  ).rejects.toThrow(AssociationError);
  await expect(echo(to(undefined, read('stranger')))).rejects.toThrow();
  expect(destinationOf(peer)).toBeUndefined(); // we speak no TLS
});
