import type { BackendFactory, IQueueBackend, Job, Queue, Worker } from 'bullmq';

/** What a job says: which key is to be looked at. Its name is the kind of work. */
export interface KeyData {
  key: string;
}

export type KeyJob = Job<KeyData, void>;
export type KeyQueue = Queue<KeyData, void, string, KeyData, void, string, IQueueBackend>;
export type KeyWorker = Worker<KeyData, void, string, IQueueBackend>;

/** Where queues are kept, and what connects to it. */
export interface Backend {
  /** What tells the queue. Fails soon where it cannot. */
  producer: BackendFactory;
  /** What hears from it: waits until it can. */
  consumer: BackendFactory;
  /** Of keys, where they need one. */
  prefix?: string;
  close(): Promise<void>;
}
