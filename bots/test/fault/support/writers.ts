import { STORIES } from './stories.ts';
import { patientOf, type Stage, type Story } from './story.ts';

/** Writers that tell one story after the other, each of another patient. */
export class Writers {
  /** By their patients. */
  readonly told = new Map<string, Story>();
  readonly #stage: Stage;
  readonly #done: Promise<unknown>;
  #isOver = false;

  constructor(stage: Stage, count: number) {
    this.#stage = stage;
    this.#done = Promise.all(Array.from({ length: count }, () => this.#write()));
    this.#done.catch(() => undefined); // told to whoever waits
  }

  /** Fails when one of them does. */
  get failed(): Promise<unknown> {
    return this.#done;
  }

  /** Has them tell what they have begun, and no more. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #write(): Promise<void> {
    do {
      const id = `case-${this.told.size}`;
      const story = STORIES[this.told.size % STORIES.length]!;
      this.told.set(id, story);
      await this.#stage.client.create(patientOf(id));
      await story.tell(this.#stage, id);
    } while (!this.#isOver);
  }
}
