import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { fhirError } from '../../../src/fhir/outcome.ts';
import { IMPORT_LINE_BYTES_MAX } from '../../../src/operations/import/file.ts';
import { IMPORT_FAULTS_KEPT_MAX } from '../../../src/operations/import/kind.ts';
import { LINES_AHEAD_MAX } from '../../../src/operations/import/lineWindow.ts';
import { until } from '../../support/program.ts';
import { ndjson, patient, sourceServer, type Source } from './source.ts';
import { BASE, ImportJob } from './world.ts';

let source: Source;
beforeEach(async () => {
  source = await sourceServer();
});
afterEach(() => source.close());

const inputsOf = (files: [string, string][]) =>
  files.map(([type, file]) => ({ type, url: source.url + file }));
const jobOf = (...files: [string, string][]) => new ImportJob([source.url], { inputs: inputsOf(files) });
const patients = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => patient(`p${from + i}`, { active: true }));

describe('an import', () => {
  test('stores the files one after the other, many lines at once, and counts', async () => {
    source.files.set('p', ndjson(patients(3_000)));
    source.files.set('o', ndjson([{ resourceType: 'Observation', id: 'o', status: 'final' }]));
    const job = jobOf(['Patient', 'p'], ['Observation', 'o']);
    expect(await job.run()).toEqual({
      transactionTime: '1970-01-01T00:00:00.000Z',
      request: `${BASE}/$import`,
      requiresAccessToken: true,
      output: [
        { type: 'Patient', inputUrl: `${source.url}p`, count: 3_000 },
        { type: 'Observation', inputUrl: `${source.url}o`, count: 1 },
      ],
      error: [],
    });
    expect([job.door.versions.size, job.door.counts()]).toEqual([3_001, new Set([1])]);
    expect(job.door.most).toBeGreaterThan(100);
    expect(job.door.most).toBeLessThanOrEqual(400);
    expect(source.asked).toEqual(['p', 'o']);
    expect(job.told()).toBe('file 2 of 2 (Observation): 1 lines, 0 of them refused');
  });

  test('stores the lines of one resource in their order', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => patient(`p${i % 7}`, { multipleBirthInteger: i }));
    source.files.set('p', ndjson(lines));
    const job = jobOf(['Patient', 'p']);
    await job.run();
    for (const [reference, texts] of job.door.versions) {
      const numbers = texts.map(
        (text) => (JSON.parse(text) as { multipleBirthInteger: number }).multipleBirthInteger,
      );
      expect([reference, numbers]).toEqual([reference, [...numbers].sort((a, b) => a - b)]);
    }
    expect([...job.door.versions.values()].flat()).toHaveLength(500);
  });

  test('tells lines that are wrong, stores the others, and passes over empty ones', async () => {
    const good = (id: string) => JSON.stringify(patient(id));
    const lines: (string | Buffer)[] = [
      good('a'),
      '',
      ' \t\r',
      '{"resourceType":"Patient"',
      '{"resourceType":"Observation","id":"x"}',
      '{"resourceType":"Patient"}',
      '{"resourceType":"Patient","id":7}',
      '{"resourceType":"Patient","id":"a b"}',
      '[]',
      'null',
      Buffer.concat([
        Buffer.from('{"resourceType":"Patient","id":"'),
        Buffer.from([0xff]),
        Buffer.from('"}'),
      ]),
      '{"resourceType":"Patient","id":"x","id":"y"}',
      ' '.repeat(IMPORT_LINE_BYTES_MAX + 1),
      `${good('b')}\r`,
      `\uFEFF${good('c')}`,
    ];
    source.files.set('p', Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])));
    const job = jobOf(['Patient', 'p']);
    const { output, error } = await job.run();
    expect(output).toMatchObject([{ count: 3 }]);
    const url = `${BASE}/_jobs/job-1/errors-1.ndjson`;
    expect(error).toEqual([{ type: 'OperationOutcome', inputUrl: `${source.url}p`, count: 10, url }]);
    expect([...job.door.versions.keys()].sort()).toEqual(['Patient/a', 'Patient/b', 'Patient/c']);
    const reason = (text: string) => expect.stringContaining(text) as unknown as string;
    expect(job.faults()).toEqual([
      ['errors-1.ndjson', 4, reason('Line 4: The body is not well-formed JSON')],
      ['errors-1.ndjson', 5, reason('Line 5: The line is no Patient')],
      ['errors-1.ndjson', 6, reason('needs an id')],
      ['errors-1.ndjson', 7, reason('needs an id')],
      ['errors-1.ndjson', 8, reason('needs an id')],
      ['errors-1.ndjson', 9, reason('is no Patient')],
      ['errors-1.ndjson', 10, reason('is no Patient')],
      ['errors-1.ndjson', 11, reason('not valid UTF-8')],
      ['errors-1.ndjson', 12, reason('The property id stands twice')],
      ['errors-1.ndjson', 13, reason('more than 16777216 bytes')],
    ]);
  });

  test('says where resources come from that do not, and keeps every digit', async () => {
    const number = '{"resourceType":"Observation","id":"n","valueQuantity":{"value":1.50}';
    source.files.set('o', `${number}}\n${number.replace('"n"', '"m"')},"meta":{"source":"urn:own"}}\n`);
    const inputs = [{ type: 'Observation', url: `${source.url}o` }];
    const job = new ImportJob([source.url], { inputs, inputSource: 'urn:import' });
    await job.run();
    expect(job.door.latest('Observation/n').meta).toEqual({ source: 'urn:import' });
    expect(job.door.latest('Observation/m').meta).toEqual({ source: 'urn:own' });
    expect(job.door.versions.get('Observation/n')![0]).toContain('"value":1.50');
  });

  test('lists so many faults, and counts the others', async () => {
    source.files.set('p', 'x\n'.repeat(IMPORT_FAULTS_KEPT_MAX - 3));
    source.files.set('q', 'x\n'.repeat(10));
    source.files.set('r', 'x\n');
    const job = jobOf(['Patient', 'p'], ['Patient', 'q'], ['Patient', 'r']);
    expect((await job.run()).error).toMatchObject([
      { count: IMPORT_FAULTS_KEPT_MAX - 3 },
      { count: 10 },
      { count: 1 },
    ]);
    const rest = job.faults().filter(([file]) => file !== 'errors-1.ndjson');
    expect(job.faults()).toHaveLength(IMPORT_FAULTS_KEPT_MAX + 2);
    expect(rest.map(([file, number]) => [file, number])).toEqual([
      ['errors-2.ndjson', 1],
      ['errors-2.ndjson', 2],
      ['errors-2.ndjson', 3],
      ['errors-2.ndjson', 12],
      ['errors-3.ndjson', 3],
    ]);
    expect(rest[3]![2]).toContain('7 more faults are not listed');
  });
});

describe('when a line', () => {
  test('cannot be stored for the moment, it is tried again, and not stored twice', async () => {
    source.files.set('p', ndjson(patients(50)));
    const job = jobOf(['Patient', 'p']);
    const busy = () => Promise.reject(fhirError('busy', 'transient', 'away'));
    const met = { before: 0, after: 0 };
    job.door.before = () => (met.before++ % 3 === 0 ? busy() : Promise.resolve());
    job.door.after = () => (met.after++ % 3 === 0 ? busy() : Promise.resolve());
    expect((await job.run()).output).toMatchObject([{ count: 50 }]);
    expect([job.door.versions.size, job.door.counts()]).toEqual([50, new Set([1])]);
  });

  test('finds the database full, or others in its way, it is tried again', async () => {
    source.files.set('p', ndjson(patients(4)));
    const job = jobOf(['Patient', 'p']);
    const states = ['53100', '57014', '40P01', '55P03'];
    job.door.before = () => {
      const code = states.pop();
      return code === undefined
        ? Promise.resolve()
        : Promise.reject(Object.assign(new Error('no'), { code }));
    };
    const { output, error } = await job.run();
    expect([output, error, job.defects]).toMatchObject([[{ count: 4 }], [], []]);
  });

  test('makes the server fail, that is told, logged a few times, and the others are stored', async () => {
    source.files.set('p', ndjson(patients(100)));
    const job = jobOf(['Patient', 'p']);
    job.door.before = (id) =>
      Number(id.slice(1)) % 2 === 0 ? Promise.reject(new TypeError('secret')) : Promise.resolve();
    const { output, error } = await job.run();
    expect([output, error]).toMatchObject([[{ count: 50 }], [{ count: 50 }]]);
    expect(job.defects).toHaveLength(10);
    expect(job.faults()[0]).toEqual([
      'errors-1.ndjson',
      1,
      expect.stringContaining('The server failed on this line'),
    ]);
    expect(JSON.stringify(job.faults())).not.toContain('secret');
  });
});

describe('when a file', () => {
  test('breaks off, it is asked for again, and its lines are stored once', async () => {
    const text = ndjson(patients(2_000));
    let tries = 0;
    source.files.set('p', (_request, response) => {
      response.writeHead(200, { 'Content-Length': String(text.length) });
      if (++tries === 4) return void response.end(text);
      response.write(text.slice(0, (text.length * tries) / 4));
      setTimeout(() => response.destroy(), 100);
    });
    const job = jobOf(['Patient', 'p']);
    const { output, error } = await job.run();
    expect([output, error]).toMatchObject([[{ count: 2_000 }], []]);
    expect([tries, job.door.versions.size, job.door.counts()]).toEqual([4, 2_000, new Set([1])]);
  });

  test.each<[string, (request: number) => string | number, string, number]>([
    ['does not come', () => 503, 'The source answered 503. The import of this file ends after 0 lines.', 3],
    ['is not there', () => 404, 'answered 404', 1],
    [
      'is another one the second time',
      (request) => (request === 1 ? 'break' : '"2"'),
      'not the one that was begun',
      2,
    ],
    [
      'is shorter the second time',
      (request) => (request === 1 ? 'break' : 'short'),
      'not the one that was begun',
      2,
    ],
  ])('%s, that is told, and the next one imported', async (_how, behaviour, message, requests) => {
    const text = ndjson(patients(10));
    let request = 0;
    source.files.set('p', (_request, response) => {
      const what = behaviour(++request);
      if (typeof what === 'number') return void response.writeHead(what).end();
      response.writeHead(200, { ETag: what === '"2"' ? what : '"1"' });
      if (what !== 'break') return void response.end(what === 'short' ? text.slice(0, 60) : text);
      response.write(text.slice(0, text.length / 2));
      setTimeout(() => response.destroy(), 100);
    });
    source.files.set('q', ndjson(patients(1, 50)));
    const job = jobOf(['Patient', 'p'], ['Patient', 'q']);
    const { output, error } = await job.run();
    expect(error).toMatchObject([{ inputUrl: `${source.url}p`, count: 1 }]);
    expect(output[1]).toMatchObject({ count: 1 });
    expect(job.faults()).toEqual([['errors-1.ndjson', expect.any(Number), expect.stringContaining(message)]]);
    expect([request, job.door.counts()]).toEqual([requests, new Set([1])]);
  });

  test('stalls again and again, the import goes on to the next', async () => {
    source.files.set('p', (_request, response) => void response.write(ndjson(patients(1))));
    source.files.set('q', ndjson(patients(1, 1)));
    const inputs = inputsOf([
      ['Patient', 'p'],
      ['Patient', 'q'],
    ]);
    const job = new ImportJob([source.url], { inputs }, { silenceMs: 2_000 });
    const { output, error } = await job.run();
    expect([output, error]).toMatchObject([[{ count: 1 }, { count: 1 }], [{ count: 1 }]]);
    expect(job.faults()[0]![2]).toContain('sent nothing for too long');
  });

  test('may not be fetched any more, nobody asks for it', async () => {
    source.files.set('p', ndjson(patients(1)));
    const inputs = [{ type: 'Patient', url: `${source.url}p` }];
    const job = new ImportJob(['http://elsewhere.example/'], { inputs });
    expect((await job.run()).error).toMatchObject([{ count: 1 }]);
    expect([job.faults()[0]![2], source.asked]).toEqual([expect.stringContaining('IMPORT_ALLOW'), []]);
  });
});

describe('an import that is broken off', () => {
  test('in good order notes where it stands, and goes on there', async () => {
    source.files.set('p', ndjson(patients(3_000)));
    const job = jobOf(['Patient', 'p']);
    const leave = new AbortController();
    const running = job.run(leave.signal);
    await job.door.has(1_200);
    leave.abort();
    await expect(running).rejects.toBe(leave.signal.reason);
    const stood = job.door.versions.size;
    expect(job.checkpoint).toMatchObject({ files: [{ lines: stood, stored: stood, faults: 0 }] });
    let updates = 0;
    job.door.before = () => Promise.resolve(void updates++);
    expect((await job.run()).output).toMatchObject([{ count: 3_000 }]);
    expect([updates, job.door.counts()]).toEqual([3_000 - stood, new Set([1])]);
  });

  test('by a crash stores no line twice, although it does not know which ones it stored', async () => {
    source.files.set('p', ndjson(patients(6_000)));
    source.files.set('q', ndjson(patients(500, 6_000)));
    const job = jobOf(['Patient', 'p'], ['Patient', 'q']);
    for (let stopAt = 700; stopAt < 6_500; stopAt += 1_900) {
      void job.run().catch(() => undefined);
      await job.door.has(stopAt);
      job.crash();
    }
    expect((await job.run()).output).toMatchObject([{ count: 6_000 }, { count: 500 }]);
    expect([job.door.versions.size, job.door.counts()]).toEqual([6_500, new Set([1])]);
  });

  test('keeps its faults once', async () => {
    source.files.set('p', 'x\n'.repeat(1_500) + ndjson(patients(2_000)) + 'x\n'.repeat(500));
    const job = jobOf(['Patient', 'p']);
    const leave = new AbortController();
    const running = job.run(leave.signal);
    await job.door.has(1_000);
    leave.abort();
    await expect(running).rejects.toBeDefined();
    expect((await job.run()).error).toMatchObject([{ count: 2_000 }]);
    expect(job.lines.size).toBe(2_000);
  });

  test('begins no line that is far behind the last one that is noted', async () => {
    source.files.set('p', ndjson(patients(2 * LINES_AHEAD_MAX)));
    const job = jobOf(['Patient', 'p']);
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    job.beforeSave = () => mayEnd;
    job.door.before = () => Promise.resolve();
    const running = job.run();
    await until(() => job.door.versions.size === LINES_AHEAD_MAX, 'it came so far');
    await sleep(50);
    expect(job.door.versions.size).toBe(LINES_AHEAD_MAX);
    end();
    expect((await running).output).toMatchObject([{ count: 2 * LINES_AHEAD_MAX }]);
  });

  test('because nothing can be noted says so', async () => {
    source.files.set('p', ndjson(patients(3_000)));
    const job = jobOf(['Patient', 'p']);
    const away = fhirError('busy', 'transient', 'away');
    job.beforeSave = () => Promise.reject(away);
    await expect(job.run()).rejects.toBe(away);
    expect(job.checkpoint).toBeUndefined();
  });
});
