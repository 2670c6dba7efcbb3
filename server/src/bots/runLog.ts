import type { LogLevel } from './guest/frames.ts';

/** What a bot said. */
export interface LogLine {
  /** An instant. */
  time: string;
  level: LogLevel;
  text: string;
}

/** Lines of a bot that are kept, and of one run; characters of a line. */
export const LINES_KEPT_MAX = 500;
export const LINES_OF_RUN_MAX = 200;
export const LINE_CHARS_MAX = 2_000;
/** Bots whose lines are kept; beyond that those go that spoke first. */
const BOTS_MAX = 1_000;

/**
 * What bots say, by console.log. It may be about patients: so it stands in no log of the server, and is kept in memory alone, for those who
 * administer.
 */
export class RunLog {
  readonly #lines = new Map<string, LogLine[]>();

  of(bot: string): readonly LogLine[] {
    return this.#lines.get(bot) ?? [];
  }

  /** Takes the lines of a run. */
  begin(bot: string): (level: LogLevel, text: string) => void {
    let said = 0;
    return (level, text) => {
      said += 1;
      if (said > LINES_OF_RUN_MAX + 1) return;
      const isLast = said === LINES_OF_RUN_MAX + 1;
      const shown = isLast ? 'The bot said more, which was not kept.' : text.slice(0, LINE_CHARS_MAX);
      this.#add(bot, { time: new Date().toISOString(), level: isLast ? 'warn' : level, text: shown });
    };
  }

  #add(bot: string, line: LogLine): void {
    const lines = this.#lines.get(bot) ?? [];
    this.#lines.delete(bot);
    this.#lines.set(bot, [...lines, line].slice(-LINES_KEPT_MAX));
    if (this.#lines.size > BOTS_MAX) this.#lines.delete(this.#lines.keys().next().value!);
  }
}
