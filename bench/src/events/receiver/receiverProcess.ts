import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { LOOPBACK } from '../../processes/target.ts';
import type { Message, Question, Received } from './messages.ts';

const ENTRY = fileURLToPath(new URL('./main.ts', import.meta.url));

export interface Receiver {
  /** Its base. */
  url: string;
  /** What came since the last call. */
  take(): Promise<Received>;
  stop(): void;
}

/** Starts a receiver of notifications in a process of its own. */
export const startReceiver = async (): Promise<Receiver> => {
  const child = fork(ENTRY, { serialization: 'advanced' }); // infinity is lost in JSON
  const next = async (): Promise<Message> => ((await once(child, 'message')) as [Message])[0];
  const first = await next();
  if (first.kind !== 'port') throw new Error('the receiver did not say where it listens');
  return {
    url: `http://${LOOPBACK}:${first.port}`,
    take: async () => {
      child.send('take' satisfies Question);
      const answer = await next();
      if (answer.kind !== 'received') throw new Error('the receiver did not say what it got');
      return answer.received;
    },
    stop: () => void child.kill(),
  };
};
