import { fhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Binaries } from '../../records/binaries.ts';
import { LOCAL_CALLER, type Caller } from '../../records/caller.ts';
import type { Records } from '../../records/records.ts';
import { compile } from './compile.ts';

/** Longest code of a bot, in characters. */
export const CODE_CHARS_MAX = 4 * 2 ** 20;
/** Deployments whose code is kept in memory. */
const KEPT_MAX = 50;
const JAVASCRIPT = 'application/javascript';
const TYPESCRIPT = 'application/typescript';
const FILENAME = /^[\w.-]{1,200}$/;

/** Code of bots from outside: each deployment is a Binary of its own that only administrators see, and a version of the Bot names it. */
export class Deployments {
  readonly #records: Pick<Records, 'read' | 'update'>;
  readonly #binaries: Pick<Binaries, 'upload' | 'download'>;
  readonly #kept = new Map<string, string>();

  constructor(records: Pick<Records, 'read' | 'update'>, binaries: Pick<Binaries, 'upload' | 'download'>) {
    this.#records = records;
    this.#binaries = binaries;
  }

  /**
   * Gives a Bot its code.
   *
   * @param filename a name in `.ts` means TypeScript, whose types are left out
   * @throws FhirError `forbidden`, `not-found`, `unprocessable` where it cannot be parsed
   */
  async deploy(caller: Caller, bot: string, code: string, filename: string): Promise<void> {
    const { content, version } = await this.#records.read(caller, 'Bot', bot);
    if (code.length > CODE_CHARS_MAX)
      throw fhirError('too-large', 'too-long', `The code is longer than ${CODE_CHARS_MAX} characters.`);
    if (!FILENAME.test(filename))
      throw fhirError('incorrect', 'value', 'filename must be a plain name, such as index.js.');
    const isTypeScript = /\.[mc]?ts$/.test(filename);
    const compiled = await compile(code, isTypeScript);
    const resource = JSON.parse(content) as Resource;
    const source = await this.#store(bot, code, isTypeScript ? TYPESCRIPT : JAVASCRIPT);
    const executable = isTypeScript ? await this.#store(bot, compiled, JAVASCRIPT) : source;
    resource.sourceCode = {
      contentType: isTypeScript ? TYPESCRIPT : JAVASCRIPT,
      title: filename,
      url: source,
    };
    resource.executableCode = {
      contentType: JAVASCRIPT,
      title: filename.replace(/ts$/, 'js'),
      url: executable,
    };
    await this.#records.update(caller, 'Bot', bot, { value: resource, exact: resource }, version);
  }

  /** @param binary id */
  async code(binary: string): Promise<string> {
    const known = this.#kept.get(binary);
    if (known !== undefined) return known;
    const { open } = await this.#binaries.download(LOCAL_CALLER, binary);
    const pieces: Buffer[] = [];
    for await (const piece of await open()) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString('utf8');
    this.#kept.set(binary, text);
    if (this.#kept.size > KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value!);
    return text;
  }

  async #store(bot: string, text: string, contentType: string): Promise<string> {
    const source = (async function* () {
      yield Buffer.from(text);
    })();
    const { id } = await this.#binaries.upload(LOCAL_CALLER, {
      contentType,
      securityContext: `Bot/${bot}`,
      source,
    });
    return `Binary/${id}`;
  }
}
