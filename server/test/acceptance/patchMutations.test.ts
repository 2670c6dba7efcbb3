import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { createValidator } from '../../src/validation/createValidator.ts';
import type { Validator } from '../../src/validation/validator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { startTestServer } from '../support/server.ts';
import { issuesNow } from '../support/validation.ts';
import { clientOf, inFlight, type Client } from './support/client.ts';
import { observation, patient } from './support/mutations/base.ts';
import { patchMutationOf } from './support/mutations/patches.ts';
import { answerFault } from './support/mutations/verdict.ts';
import { signedIn } from './support/mutations/request.ts';
import { sendRaw } from './support/rawHttp.ts';

/** MUTATION_SEED repeats a run, MUTATIONS makes it longer. */
const SEED = Number(process.env.MUTATION_SEED ?? 20_261_124);
const COUNT = Number(process.env.MUTATIONS ?? 2_500);
/** Resources that are patched side by side, each by one patch after the other. */
const TARGETS = 8;
/** After so many patches a resource is as it was at first: nothing would be left of it else. */
const PUT_EVERY = 5;
const FAILURES_TOLD_MAX = 25;
const TIMEOUT_MS = 20 * 60_000;

let server: Awaited<ReturnType<typeof startTestServer>>;
let client: Client;
let validator: Validator;
beforeAll(async () => {
  server = await startTestServer();
  client = clientOf(server.url);
  validator = createValidator(await r4Definitions());
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const resourceOf = (target: number) => {
  const id = `patched-${target}`;
  return target % 4 === 0 ? observation(id) : patient(id);
};

/** A decimal that no patch names, and that a double does not carry. */
const DECIMAL = '"valueDecimal":1.50';
const textOf = (resource: object) => JSON.stringify(resource).replace('"valueDecimal":1.5', DECIMAL);

interface State {
  text: string;
  version: number;
}

async function read(path: string): Promise<State> {
  const { status, text } = await client.send(path);
  expect(status).toBe(200);
  return { text, version: Number((JSON.parse(text) as { meta: { versionId: string } }).meta.versionId) };
}

test(
  `${COUNT} mutated patches (MUTATION_SEED=${SEED}): no 5xx, no part of a refused one, every result valid`,
  async () => {
    const failures: string[] = [];
    const tally = { refused: 0, changed: 0, kept: 0 };
    await inFlight(TARGETS, Array(TARGETS).keys(), async (target) => {
      const resource = resourceOf(target);
      const path = `${resource.resourceType}/${resource.id}`;
      for (let number = target, i = 0; number < COUNT; number += TARGETS, i++) {
        if (i % PUT_EVERY === 0) await client.send(path, { method: 'PUT', body: textOf(resource) });
        const before = await read(path);
        const mutation = patchMutationOf(SEED, number, path);
        const answer = await sendRaw(server.url, [signedIn(mutation.bytes, server.authorization)]);
        const after = await read(path);
        const { status } = answer;
        tally[status >= 400 ? 'refused' : before.text === after.text ? 'kept' : 'changed']++;
        const wrong =
          answerFault(mutation, answer) ??
          (status < 400 ? resultFault(answer.body.toString(), before, after) : partFault(before, after));
        if (wrong !== undefined)
          failures.push(
            `${number} (${mutation.name}) ${mutation.bytes.subarray(-300).toString('latin1')}: ${wrong}`,
          );
      }
    });
    expect(failures.slice(0, FAILURES_TOLD_MAX)).toEqual([]);
    // Were all refused, or none, the mutations would test nothing.
    expect(tally.refused).toBeGreaterThan(COUNT / 5);
    expect(tally.changed).toBeGreaterThan(COUNT / 5);
    expect(tally.kept).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

const partFault = (before: State, after: State) =>
  before.text === after.text ? undefined : `refused, but changed to ${after.text.slice(0, 300)}`;

function resultFault(answered: string, before: State, after: State): string | undefined {
  if (answered !== after.text)
    return `answered ${answered.slice(0, 300)}, stored ${after.text.slice(0, 300)}`;
  const versions = after.version - before.version;
  if (versions !== (before.text === after.text ? 0 : 1)) return `${versions} versions were made`;
  const [resource, previous] = [after, before].map(({ text }) => JSON.parse(text) as Resource) as [
    Resource,
    Resource,
  ];
  if (resource.id !== previous.id || resource.resourceType !== previous.resourceType)
    return 'it is another resource';
  const issues = issuesNow(validator, resource);
  if (issues.length > 0) return `not valid: ${JSON.stringify(issues).slice(0, 300)}`;
  const isSame = JSON.stringify(resource.extension) === JSON.stringify(previous.extension);
  const lost = isSame && before.text.includes(DECIMAL) !== after.text.includes(DECIMAL);
  return lost ? 'a digit of an untouched decimal was lost' : undefined;
}
