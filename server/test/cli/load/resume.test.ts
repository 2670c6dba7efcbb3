import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { appendFile, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { BATCH_LINES_MAX } from '../../../src/cli/load/ndjson.ts';
import { CLI_SCRIPT, startProgram, until } from '../../support/program.ts';
import {
  fakeServer,
  folder,
  HASTY,
  load,
  outcome,
  tar,
  tarMember,
  type Behaviour,
  type FakeServer,
  type Folder,
} from './support.ts';

let server: FakeServer;
let files: Folder;
let journal: string;
let behaviour: Behaviour;
beforeEach(async () => {
  behaviour = () => ({ status: 200 });
  server = await fakeServer((request, count) => behaviour(request, count));
  files = await folder();
  journal = path.join(files.path, 'journal');
});
afterEach(async () => {
  await server.close();
  await files.remove();
});

const run = (args: string[], stop?: AbortSignal) =>
  load([...args, '--url', server.url, '--journal', journal, '--parallel', '1'], HASTY, stop);
const ids = () => server.received.flatMap(({ body }) => body.match(/"id":"[^"]*"/g) ?? []);
const patient = (id: string) => ({ resourceType: 'Patient', id });
const bundle = (type: string, method: string, ...names: string[]) =>
  JSON.stringify({
    resourceType: 'Bundle',
    type,
    entry: names.map((id) => ({
      resource: patient(id),
      request: { method, url: method === 'POST' ? 'Patient' : `Patient/${id}` },
    })),
  });
const creates = (...names: string[]) => bundle('transaction', 'POST', ...names);
const updates = (...names: string[]) => bundle('transaction', 'PUT', ...names);

/** A stop that comes with the answer to the n-th request. */
function stopAt(n: number): AbortSignal {
  const stop = new AbortController();
  behaviour = (_request, count) => {
    if (count === n) stop.abort();
    return { status: 200 };
  };
  return stop.signal;
}

describe('a load that is stopped', () => {
  test('goes on where it stood, through files, archives and lines, and sends nothing twice', async () => {
    const lines = Array.from({ length: 2 * BATCH_LINES_MAX }, (_, i) => JSON.stringify(patient(`line${i}`)));
    const members = ['d', 'e'].map((name) => tarMember(`${name}.json`, creates(name)));
    const paths = [
      await files.write('a.json', creates('a')),
      await files.write('b.ndjson.gz', gzipSync(lines.join('\n'))),
      await files.write('c.tgz', gzipSync(tar(...members))),
      await files.write('f.json', updates('f')),
    ];
    for (const n of [1, 2, 4, 5]) {
      const { code, err } = await run(paths, stopAt(n));
      expect([code, server.received.length]).toEqual([130, n]);
      expect(err).toContain('Stopped: the same command goes on with the rest.');
    }
    const { code, out } = await run([...paths].reverse());
    expect(code).toBe(0);
    expect(out).toMatch(/^1 resources from .*, besides 403 of earlier runs in /);
    expect(server.received).toHaveLength(6);
    expect(new Set(ids()).size).toBe(ids().length);
    expect(existsSync(journal)).toBe(false);
  });

  test('does not wait for patience to end', async () => {
    const stop = new AbortController();
    behaviour = () => {
      setTimeout(() => stop.abort(), 20);
      return { status: 503, headers: { 'Retry-After': '60' } };
    };
    const args = [await files.write('a.json', creates('a')), '--url', server.url, '--journal', journal];
    expect((await load(args, HASTY, stop.signal)).code).toBe(130);
    behaviour = () => ({ status: 200 });
    const { code, out } = await load(args);
    expect([code, server.received.length]).toEqual([0, 2]);
    expect(out).toContain('1 resources');
  });
});

describe('what an earlier run', () => {
  test('could not store is tried again', async () => {
    behaviour = ({ body }) => ({ status: body.includes('"b"') ? 400 : 200, body: outcome('Refused.') });
    const paths = [await files.write('a.json', creates('a')), await files.write('b.json', creates('b'))];
    expect((await run(paths)).code).toBe(1);
    behaviour = () => ({ status: 200 });
    expect((await run(paths)).code).toBe(0);
    expect(ids()).toEqual(['"id":"a"', '"id":"b"', '"id":"b"']);
  });

  test('stored of a batch is not sent again, and the rest of it reported again', async () => {
    const entry = [
      { response: { status: '201' } },
      { response: { status: '422', outcome: outcome('Bad.') } },
    ];
    behaviour = () => ({ status: 200, body: { resourceType: 'Bundle', entry } });
    const file = await files.write('b.json', bundle('batch', 'POST', 'a', 'b'));
    for (const before of ['1 resources', '0 resources']) {
      const { code, out, err } = await run([file]);
      expect([code, out]).toEqual([1, expect.stringContaining(before)]);
      expect(err).toContain('entry 2: HTTP 422: Bad.');
    }
    expect(server.received).toHaveLength(1);
  });

  test('loaded from a file that was changed since is loaded anew', async () => {
    behaviour = (_request, count) => ({ status: count === 2 ? 400 : 200 });
    const [a, b] = [await files.write('a.json', updates('a')), await files.write('b.json', updates('b'))];
    expect((await run([a, b])).code).toBe(1);
    await writeFile(a, updates('c'));
    await utimes(a, 1, 1); // of the same size
    expect((await run([a, b])).code).toBe(0);
    expect(ids()).toEqual(['"id":"a"', '"id":"b"', '"id":"c"', '"id":"b"']);
  });

  test('loaded is loaded again with --restart', async () => {
    const file = await files.write('a.ndjson', '{"resourceType":"Patient","id":"a"}\nx\n');
    expect((await run([file])).code).toBe(1);
    expect((await run([file])).out).toMatch(/^0 resources .*, besides 1 of earlier runs/);
    expect((await run([file, '--restart'])).out).toMatch(/^1 resources/);
    expect(server.received).toHaveLength(2);
  });
});

describe('a load that is killed', () => {
  /** Sends two bundles, and is killed when the second was sent and is not answered. */
  async function killed(second: string): Promise<string[]> {
    behaviour = ({ body }) => (body.includes('"second"') ? 'silence' : { status: 200 });
    const paths = [await files.write('a.json', creates('first')), await files.write('b.json', second)];
    const args = ['load', ...paths, '--url', server.url, '--journal', journal, '--parallel', '1'];
    const loader = startProgram(CLI_SCRIPT, args, {});
    await until(() => server.received.length === 2, 'both were sent');
    await loader.end('SIGKILL');
    behaviour = () => ({ status: 200 });
    return paths;
  }

  test('sends an update again', async () => {
    const paths = await killed(updates('second'));
    const { code, out } = await run(paths);
    expect([code, out]).toEqual([0, expect.stringMatching(/^1 resources .*, besides 1 of earlier runs/)]);
    expect(ids()).toEqual(['"id":"first"', '"id":"second"', '"id":"second"']);
  });

  test('sends no create twice of which nobody knows, unless it is told to', async () => {
    const paths = await killed(creates('second'));
    for (let i = 0; i < 2; i++) {
      const { code, err } = await run(paths);
      expect([code, server.received.length]).toEqual([1, 2]);
      expect(err).toMatch(/b\.json: An earlier run was cut off while it sent this\..*look before.*--resend/);
    }
    expect((await run([...paths, '--resend'])).code).toBe(0);
    expect(ids()).toEqual(['"id":"first"', '"id":"second"', '"id":"second"']);
  });

  test('in the middle of a line of its journal believes the lines before', async () => {
    const paths = await killed(creates('second'));
    await appendFile(journal, '{"file":2,"upload":1,"sto');
    expect((await run(paths)).err).toContain('An earlier run was cut off');
    expect((await run([...paths, '--resend'])).code).toBe(0);
  });

  test('by Ctrl+C waits for what it has sent', async () => {
    let answer = () => {};
    behaviour = () => new Promise((resolve) => (answer = () => resolve({ status: 200 })));
    const paths = [
      await files.write('a.json', creates('first')),
      await files.write('b.json', creates('second')),
    ];
    const args = ['load', ...paths, '--url', server.url, '--journal', journal, '--parallel', '1'];
    const loader = startProgram(CLI_SCRIPT, args, {});
    await until(() => server.received.length === 1, 'one was sent');
    loader.child.kill('SIGINT');
    loader.child.kill('SIGTERM'); // beside the terminal npm sends one; a second SIGINT would melt into the first
    await until(() => loader.stderr().includes('Stopping when what was sent is answered'), 'it heard');
    answer();
    expect((await loader.exited).code).toBe(130);
    expect(loader.stdout()).toContain('1 resources');
    behaviour = () => ({ status: 200 });
    expect((await run(paths)).code).toBe(0);
    expect(ids()).toEqual(['"id":"first"', '"id":"second"']);
  });
});

describe('a journal', () => {
  test('of another load is not taken for this one’s', async () => {
    const [a, b] = [await files.write('a.json', '{'), await files.write('b.json', updates('b'))];
    await run([a]);
    const before = await readFile(journal, 'utf8');
    const { code, err } = await run([b]);
    expect([code, err]).toEqual([2, expect.stringContaining('is that of another load')]);
    expect(await readFile(journal, 'utf8')).toBe(before);
    await writeFile(journal, before.replace(/"cut":"[^"]*"/, '"cut":"1"'));
    expect((await run([a])).err).toContain('was written by another release');
    expect(server.received).toEqual([]);
  });

  test.each([[''], ['--restart']])('that is none is left alone %s', async (restart) => {
    journal = await files.write('notes.json', '{"a":1}\n{"b":2}');
    const { code, err } = await run([
      await files.write('a.json', updates('a')),
      ...(restart ? [restart] : []),
    ]);
    expect([code, err]).toEqual([2, expect.stringContaining('is no journal of a load')]);
    expect(await readFile(journal, 'utf8')).toBe('{"a":1}\n{"b":2}');
    expect(server.received).toEqual([]);
  });

  test('that cannot be kept ends the load before anything is sent', async () => {
    const file = await files.write('a.json', updates('a'));
    journal = path.join(file, 'journal');
    const { code, err } = await run([file]);
    expect([code, err]).toEqual([2, expect.stringContaining('cannot be kept (E')]);
    expect(server.received).toEqual([]);
  });

  test('lies in the data folder, readable by its owner only, under a name of its load', async () => {
    const dataDir = path.join(files.path, 'data');
    const file = await files.write('a.json', '{');
    const loader = startProgram(CLI_SCRIPT, ['load', file, '--url', server.url], {
      env: { MAXRAY_DATA_DIR: dataDir },
    });
    expect((await loader.exited).code).toBe(1);
    const [name, ...others] = readdirSync(path.join(dataDir, 'load'));
    expect([name, others]).toEqual([expect.stringMatching(/^[0-9a-f]{16}\.ndjson$/), []]);
    expect(statSync(path.join(dataDir, 'load', name!)).mode & 0o777).toBe(0o600);
  });
});
