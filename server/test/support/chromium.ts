import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROGRAM } from '../../../scripts/services/chromium.mjs';
import { removeFolder } from './removeFolder.ts';

/** Whatever is waited for comes within so long on the slowest machine; nothing is concluded from how fast it came. */
const DEADLINE_MS = 120_000;

interface Answer {
  id?: number;
  method?: string;
  sessionId?: string;
  params?: unknown;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** A headless Chromium of the test's own, driven by the Chrome DevTools Protocol over a pipe. */
export class Chromium {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #count = 0;

  constructor() {
    this.#folder = fs.mkdtempSync(path.join(os.tmpdir(), 'maxray-chromium-'));
    const flags = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-dev-shm-usage',
    ];
    this.#process = spawn(
      PROGRAM,
      [...flags, '--remote-debugging-pipe', `--user-data-dir=${this.#folder}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: this.#folder } },
    );
    let rest = '';
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop()!;
      for (const message of messages) this.#hear(JSON.parse(message) as Answer);
    });
  }

  /** A page with cookies of its own, as another person's browser has. */
  async page(): Promise<ChromiumPage> {
    const { browserContextId } = await this.send('Target.createBrowserContext', {});
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank', browserContextId });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new ChromiumPage((method, params) => this.send(method, params, String(sessionId)));
    await page.send('Page.enable', {});
    await page.send('Emulation.setDeviceMetricsOverride', {
      width: 640,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    });
    return page;
  }

  async send(method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> {
    const id = (this.#count += 1);
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { error, result } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
    removeFolder(this.#folder);
  }

  #hear(answer: Answer): void {
    if (answer.id === undefined) return;
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }
}

/** One page of it: what a person sees, types and clicks. */
export class ChromiumPage {
  readonly send: (method: string, params: object) => Promise<Record<string, unknown>>;

  constructor(send: ChromiumPage['send']) {
    this.send = send;
  }

  async open(url: string): Promise<void> {
    await this.send('Page.navigate', { url });
    await this.waitFor('document.readyState === "complete" && location.href !== "about:blank"');
  }

  /** Value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
      userGesture: true,
    });
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value?: unknown }).value;
  }

  /** Until an expression holds in the page that is there then: between two pages there is none to ask. */
  async waitFor(expression: string): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    while (!(await this.evaluate(`Boolean(${expression})`).catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`${expression} does not hold on: ${await this.text()}`);
      await sleep(20);
    }
  }

  /** Until the page of this heading is there, whole. */
  heading(text: string): Promise<void> {
    const wanted = JSON.stringify(text);
    return this.waitFor(
      `document.readyState === "complete" && document.querySelector("h1")?.innerText === ${wanted}`,
    );
  }

  async fill(selector: string, value: string): Promise<void> {
    await this.evaluate(`(() => { const field = ${find(selector)}; field.focus(); field.select(); })()`);
    await this.send('Input.insertText', { text: value });
  }

  async click(selector: string): Promise<void> {
    await this.evaluate(`${find(selector)}.click()`);
  }

  async text(): Promise<string> {
    return String(await this.evaluate('document.body.innerText'));
  }

  /** PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: true });
    return Buffer.from(String(data), 'base64');
  }
}

const find = (selector: string): string => `document.querySelector(${JSON.stringify(selector)})`;
