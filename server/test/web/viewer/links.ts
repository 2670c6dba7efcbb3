import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServer } from '../../support/server.ts';

/** Asks for a link to a study. */
export async function linkTo(
  { url }: Pick<TestServer, 'url'>,
  studyId: string,
  authorization: string,
): Promise<{ url: string; expires: string }> {
  const answer = await fetch(`${url}/fhir/R4/ImagingStudy/${studyId}/$view`, {
    method: 'POST',
    headers: { Authorization: authorization },
  });
  const { parameter } = (await answer.json()) as {
    parameter?: { valueUrl?: string; valueInstant?: string }[];
  };
  if (!parameter) throw new Error(`$view answered ${answer.status}`);
  return { url: parameter[0]!.valueUrl!, expires: parameter[1]!.valueInstant! };
}

/** @returns the cookie of the visit that a link begins */
export async function follow(link: string): Promise<string> {
  const answer = await fetch(link, { redirect: 'manual' });
  return answer.headers.get('set-cookie')!.split(';')[0]!;
}

/** A guard against hanging, not a measure: to bundle the page takes some seconds. */
const BUNDLING_MS_MAX = 200_000;
const PAUSE_MS = 250;

/** The page once it is there: the first who asks has it bundled. */
export async function visit(page: string): Promise<Response> {
  const deadlineMs = Date.now() + BUNDLING_MS_MAX;
  for (;;) {
    const answer = await fetch(page);
    if (answer.status === 200) return answer;
    if (Date.now() > deadlineMs) throw new Error(`The page does not come: ${await answer.text()}`);
    await answer.body?.cancel();
    await sleep(PAUSE_MS);
  }
}
