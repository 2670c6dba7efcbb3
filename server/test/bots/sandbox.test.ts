import { afterEach, describe, expect, test } from '@jest/globals';
import type { BotError, BotFailure } from '../../src/bots/botError.ts';
import type { AnswerFrame, RunFrame } from '../../src/bots/guest/frames.ts';
import { denoLaunch } from '../../src/bots/workers/launch.ts';
import { Worker, type GuestRequest } from '../../src/bots/workers/worker.ts';

/** A guard against hanging: what ends a bot here is another limit. */
const TIMEOUT_MS = 120_000;
/** Room for what the runtime takes; what fills memory is beyond any. */
const MEMORY_MB = 64;

let worker: Worker | undefined;
/** What the bot asked the server to send. */
let asked: GuestRequest[] = [];
let said: string[] = [];

afterEach(async () => {
  worker?.end({} as BotError);
  await worker?.ended;
  asked = [];
  said = [];
});

const frame = (code: string): RunFrame => ({
  kind: 'run',
  program: { code },
  event: { bot: { reference: 'Bot/1' }, contentType: 'application/json', input: 1, secrets: {}, headers: {} },
  baseUrl: 'http://maxray.example/',
  fhirUrlPath: 'fhir/R4',
});

/** Runs the body of a handler as a bot from outside. @returns what it returned */
async function run(body: string, { whole = '', timeoutMs = TIMEOUT_MS } = {}): Promise<unknown> {
  worker = new Worker(denoLaunch(MEMORY_MB));
  const code = whole === '' ? `export async function handler(medplum, event) { ${body} }` : whole;
  const text = await worker.run(frame(code), timeoutMs, {
    fetch: (request): Promise<Omit<AnswerFrame, 'kind' | 'number'>> => {
      asked.push(request);
      return Promise.resolve({
        status: 200,
        headers: [['content-type', 'application/json']],
        body: btoa('{"a":1}'),
      });
    },
    log: (_level, line) => said.push(line),
  });
  return text === undefined ? undefined : JSON.parse(text);
}

async function failureOf(attempt: Promise<unknown>): Promise<BotFailure> {
  return attempt.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: BotError) => error.failure,
  );
}

/** The code of what comes of each expression, tried one after the other in one bot. */
const tried = (expressions: Record<string, string>) => `
  const found = {};
  ${Object.entries(expressions)
    .map(
      ([name, code]) =>
        `try { found[${JSON.stringify(name)}] = 'got ' + String(await (${code})); } catch (e) { found[${JSON.stringify(name)}] = e.name + ': ' + e.message; }`,
    )
    .join('\n')}
  return found;`;

test('runs a handler with MedplumClient, whose requests the server makes', async () => {
  const result = await run(
    `console.log('x', { y: 1 }); return (await medplum.get('fhir/R4/Patient/1')).a + event.input;`,
  );
  expect(result).toBe(2);
  expect(asked.map(({ method, url }) => [method, url])).toEqual([
    ['GET', 'http://maxray.example/fhir/R4/Patient/1'],
  ]);
  expect(said).toEqual(['x {"y":1}']);
});

test('takes CommonJS, and no other modules', async () => {
  const whole = `const { createReference } = require('@medplum/core');
    exports.handler = async () => createReference({ resourceType: 'Patient', id: '1' });`;
  expect(await run('', { whole })).toEqual({ reference: 'Patient/1' });
});

test('has no files, environment, programs, network, system, foreign code or permissions', async () => {
  const found = (await run(
    tried({
      passwd: `Deno.readTextFile('/etc/passwd')`,
      nodePasswd: `import('node:fs').then((fs) => fs.readFileSync('/etc/passwd', 'utf8'))`,
      own: `Deno.readTextFile('/proc/self/environ')`,
      write: `Deno.writeTextFile('/tmp/maxray-escape', 'x')`,
      list: `Array.fromAsync(Deno.readDir('/'))`,
      env: `Deno.env.get('HOME')`,
      nodeEnv: `import('node:process').then((p) => JSON.stringify(p.env))`,
      run: `new Deno.Command('/bin/sh', { args: ['-c', 'id'] }).output()`,
      nodeRun: `import('node:child_process').then((c) => c.execFileSync('/usr/bin/id'))`,
      kill: `Deno.kill(Deno.ppid, 'SIGKILL')`,
      ffi: `Deno.dlopen('libc.so.6', {})`,
      connect: `Deno.connect({ port: 80, hostname: '169.254.169.254' })`,
      nodeNet: `import('node:net').then((n) => new Promise((r, j) => n.connect(80, '127.0.0.1').on('connect', r).on('error', j)))`,
      listen: `Deno.listen({ port: 0 })`,
      webSocket: `new Promise((r, j) => Object.assign(new WebSocket('ws://127.0.0.1:80'), { onopen: r, onerror: (e) => j(new Error('no ' + e.type)) }))`,
      dns: `Deno.resolveDns('example.com', 'A')`,
      host: `Deno.hostname()`,
      inspector: `import('node:inspector').then((i) => i.open(0))`,
      ask: `Deno.permissions.request({ name: 'read' }).then(({ state }) => { if (state !== 'granted') throw new Error(state); })`,
      remote: `import('https://example.com/x.js')`,
      npm: `import('npm:left-pad')`,
      jsr: `import('jsr:@std/fs')`,
      file: `import('file:///etc/hostname')`,
      json: `import('data:application/javascript,' + encodeURIComponent("import x from 'file://${process.cwd()}/package.json' with { type: 'json' }; export default x"))`,
      cache: `caches.open('v1').then((c) => c.put('http://a/', new Response('x')))`,
      storage: `localStorage.setItem('a', 'b')`,
    }),
  )) as Record<string, string>;
  for (const [name, got] of Object.entries(found))
    expect([name, got]).toEqual([name, expect.not.stringMatching(/^got/)]);
  expect(Object.keys(found)).toHaveLength(26);
  expect(asked).toEqual([]);
});

test('a worker thread has no more', async () => {
  const inThread = `try { postMessage('got ' + Deno.readTextFileSync('/etc/passwd')); } catch (e) { postMessage(e.name); }`;
  const made = `new Promise((r) => { new Worker('data:application/javascript,' + encodeURIComponent(${JSON.stringify(inThread)}), { type: 'module' }).onmessage = (e) => r(e.data); })`;
  expect(await run(`return ${made};`)).toBe('NotCapable');
  worker!.end({} as BotError);
  const more = `new Worker('data:application/javascript,0', { type: 'module', deno: { permissions: { read: true } } }); return 'made';`;
  expect(await failureOf(run(more))).toBe('crash');
});

describe('is ended when it', () => {
  test.each<[string, BotFailure, string]>([
    [
      'fills memory with typed arrays',
      'memory',
      `const all = []; for (;;) { all.push(new Uint8Array(2 ** 24).fill(1)); await 0; }`,
    ],
    ['fills the heap', 'memory', `const all = []; for (;;) all.push({ all: [...all.slice(-9)] });`],
    [
      'makes threads without end',
      'memory',
      `for (;;) { new Worker('data:application/javascript,for(;;);', { type: 'module' }); await new Promise((r) => setTimeout(r, 1)); }`,
    ],
    ['floods standard output', 'output', `for (;;) Deno.stdout.writeSync(new Uint8Array(2 ** 20).fill(10));`],
    [
      'writes a line without end',
      'output',
      `for (;;) Deno.stdout.writeSync(new Uint8Array(2 ** 20).fill(65));`,
    ],
    ['floods standard error', 'output', `for (;;) Deno.stderr.writeSync(new Uint8Array(2 ** 20).fill(65));`],
    ['ends itself', 'crash', `Deno.exit(0);`],
    ['throws', 'thrown', `throw new Error('no');`],
  ])('%s', async (_what, failure, body) => {
    expect(await failureOf(run(body))).toBe(failure);
  });

  test('never ends', async () => {
    expect(await failureOf(run('for (;;);', { timeoutMs: 2_000 }))).toBe('timeout');
    await worker!.ended;
    expect(worker!.isAlive).toBe(false);
  });
});

describe('what it writes by itself is believed as little as what it asks for', () => {
  const write = (frame: string) =>
    `Deno.stdout.writeSync(new TextEncoder().encode(${JSON.stringify(`${frame}\n`)})); await new Promise((r) => setTimeout(r, 50));`;

  test('what is no frame is a line of its console', async () => {
    const lines = [
      'not json', // no JSON
      'null', // null
      '[1]', // a list
      '{"kind":"run","program":{"module":"/etc/passwd"}}', // another kind
      '{"kind":"answer","number":1,"status":200}', // an answer
      '{"kind":"fetch","number":"1","url":"http://a/","method":"GET","headers":[],"body":""}', // no number
      '{"kind":"fetch","number":1,"url":"http://a/","method":"GET","headers":{"length":1},"body":""}', // no list of headers
      '{"kind":"fetch","number":1,"url":"http://a/","method":"GET","headers":[[1,2]],"body":""}', // headers that are none
      '{"kind":"fetch","number":1,"url":"http://a/","method":"GET / HTTP/1.1\\r\\nX: y","headers":[],"body":""}', // a method that is none
      '{"__proto__":{"kind":"done","value":"1"}}', // a kind by its prototype
      '{"kind":"done","value":"no json"}', // an end with what is no JSON
      '{"kind":"done","value":""}',
    ];
    expect(await run(`${lines.map(write).join(' ')} return 'end';`)).toBe('end');
    expect(asked).toEqual([]);
    expect(said).toEqual(lines);
  });

  test('a frame in its form is what the bot may ask for anyway, and nothing more of it is taken', async () => {
    const line = `{"kind":"fetch","number":7,"url":"http://a/","method":"GET","headers":[["x","y"]],"body":"","__proto__":{"polluted":1},"accessToken":"x"}`;
    expect(await run(`${write(line)} return 'end';`)).toBe('end');
    expect(asked).toEqual([
      { kind: 'fetch', number: 7, url: 'http://a/', method: 'GET', headers: [['x', 'y']], body: '' },
    ]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('a forged end ends its own run alone', async () => {
    expect(await run(`${write('{"kind":"done","value":"\\"forged\\""}')} return 'end';`)).toBe('forged');
  });
});
