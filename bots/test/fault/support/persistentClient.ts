import type { Bundle, Resource } from '@medplum/fhirtypes';
import { setTimeout as sleep } from 'node:timers/promises';
import { administratorOf } from '../../../../server/test/support/administrator.ts';

export type Stored<T extends Resource = Resource> = T & { id: string };

const PAUSE_MS = 300;
const REQUEST_MS_MAX = 30_000;
/** A guard against hanging. */
const PATIENCE_MS = 240_000;
const PAGE = 500;

/** An administrator whose requests are sent until they are answered: the server may be away at any time. */
export class PersistentClient {
  /** Writes that were acknowledged. */
  writes = 0;
  readonly #root: string;
  readonly #token: () => Promise<string>;

  constructor(root: string) {
    this.#root = root;
    this.#token = administratorOf(root);
  }

  /** Stores a resource that is not there: one that has come before is left as it has become. */
  async create(resource: Stored): Promise<void> {
    const path = `${resource.resourceType}/${resource.id}`;
    await this.#send('PUT', path, resource, { 'If-None-Match': '*' }, [412]);
    this.writes += 1;
  }

  async update(resource: Stored): Promise<void> {
    await this.#send('PUT', `${resource.resourceType}/${resource.id}`, resource);
    this.writes += 1;
  }

  /** All that a search finds. */
  async find<T extends Resource>(query: string): Promise<Stored<T>[]> {
    const found: Stored<T>[] = [];
    let next: string | undefined = `${query}${query.includes('?') ? '&' : '?'}_count=${PAGE}`;
    while (next !== undefined) {
      const { entry = [], link = [] } = (await this.#send('GET', next)) as Bundle;
      found.push(...entry.map(({ resource }) => resource as Stored<T>));
      next = link.find(({ relation }) => relation === 'next')?.url?.slice(`${this.#root}/fhir/R4/`.length);
    }
    return found;
  }

  /** Asks until a search finds so many. */
  async wait<T extends Resource>(query: string, count = 1): Promise<Stored<T>[]> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = await this.find<T>(query);
      if (found.length >= count) return found;
      if (Date.now() > deadline) throw new Error(`${query} finds ${found.length} instead of ${count}`);
      await sleep(PAUSE_MS);
    }
  }

  /** Has a bot run until it has done what it is asked for. @param name of its folder @returns what it answers */
  async execute<T>(name: string, input: object): Promise<T> {
    return (await this.#send('POST', `Bot/maxray-bot-${name}/$execute`, input, {}, [], [422])) as T;
  }

  async #send(
    method: string,
    path: string,
    body?: object,
    others: Record<string, string> = {},
    answers: readonly number[] = [],
    again: readonly number[] = [],
  ): Promise<object> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const said = await this.#try(method, path, body, others);
      if (typeof said !== 'string') {
        if (said.status < 300 || answers.includes(said.status)) return said.body;
        const isOurs = said.status < 500 && said.status !== 429 && !again.includes(said.status);
        if (isOurs) throw new Error(`${method} ${path}: ${said.status} ${JSON.stringify(said.body)}`);
      }
      if (Date.now() > deadline) throw new Error(`${method} ${path}: at last ${JSON.stringify(said)}`);
      await sleep(PAUSE_MS);
    }
  }

  /** @returns what was answered, or why nothing was */
  async #try(
    method: string,
    path: string,
    body: object | undefined,
    others: Record<string, string>,
  ): Promise<{ status: number; body: object } | string> {
    try {
      const type =
        body === undefined || 'resourceType' in body ? 'application/fhir+json' : 'application/json';
      const headers = { Authorization: await this.#token(), 'Content-Type': type, ...others };
      const response = await fetch(`${this.#root}/fhir/R4/${path}`, {
        ...{ method, headers, signal: AbortSignal.timeout(REQUEST_MS_MAX) },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as object };
    } catch (error) {
      return (error as Error).message; // the server is away
    }
  }
}
