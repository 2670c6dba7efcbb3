import { expect } from '@jest/globals';
import type request from 'supertest';

type Api = () => ReturnType<typeof request.agent>;

/** Stores a Subscription. @returns its id */
export async function subscribe(api: Api, resource: object): Promise<string> {
  const { body } = await api().post('/Subscription').send(resource).expect(201);
  expect(body.status).toBe('requested');
  return body.id as string;
}

/** Waits until a Subscription is in a state. @returns it */
export async function reaches(api: Api, id: string, status: string) {
  for (;;) {
    const { body } = await api().get(`/Subscription/${id}`).expect(200);
    if (body.status === status) return body;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
