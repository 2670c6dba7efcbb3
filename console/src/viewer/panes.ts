import type { RenderingEngine } from '@cornerstonejs/core';
import type { Acting } from './controls/actions.ts';
import { Pane, type PaneParts } from './images/pane.ts';
import { removeLastMeasurement, type Tools } from './images/tools.ts';
import type { Viewport } from './images/viewport.ts';
import type { ImagingStudy } from './record/record.ts';

/** Pixels of the screen by which a key moves the image. */
const PAN_STEP = 40;
const ZOOM_STEP = 1.1;

/** The study, and another one beside it where the reader compares. Actions act upon the pane that was turned to last. */
export class Panes implements Omit<Acting, 'compare' | 'help' | 'hold'> {
  readonly #container: HTMLElement;
  readonly #engine: RenderingEngine;
  readonly #tools: Tools;
  readonly #parts: Omit<PaneParts, 'onChosen'>;
  readonly #main: Pane;
  #beside: Pane | undefined;
  #chosen: Pane;

  constructor(container: HTMLElement, tools: Tools, parts: Omit<PaneParts, 'onChosen'>) {
    this.#container = container;
    this.#engine = parts.engine;
    this.#tools = tools;
    this.#parts = parts;
    this.#main = this.#open('main');
    this.#chosen = this.#main;
    this.#choose(this.#main);
    new ResizeObserver(() => this.#resize()).observe(container);
  }

  showStudy(study: ImagingStudy): Promise<void> {
    return this.#main.showStudy(study);
  }

  /** @param other undefined: none any more */
  async compareWith(other: ImagingStudy | undefined): Promise<void> {
    if (other) {
      this.#beside ??= this.#open('beside');
      this.#resize();
      return this.#beside.showStudy(other);
    }
    if (!this.#beside) return;
    this.#tools.remove(this.#beside.viewport.id);
    this.#engine.disableElement(this.#beside.viewport.id);
    this.#beside.element.remove();
    this.#beside = undefined;
    this.#choose(this.#main);
    this.#resize();
  }

  /** Takes all images off the screen. */
  close(): void {
    this.#engine.destroy();
    this.#container.replaceChildren();
  }

  step(images: number): void {
    void this.#viewport?.step(images);
  }

  rotate(quarters: number): void {
    this.#viewport?.rotate(quarters);
  }

  flip(): void {
    this.#viewport?.flip();
  }

  invert(): void {
    this.#viewport?.invert();
  }

  reset(): void {
    this.#viewport?.reset();
  }

  zoom(factor: number): void {
    this.#viewport?.zoom(factor);
  }

  nudge(right: number, down: number): void {
    const viewport = this.#viewport;
    if (!viewport) return;
    if (this.#tools.held === 'window') viewport.adjustWindow(-down, right);
    else if (this.#tools.held === 'zoom') viewport.zoom(ZOOM_STEP ** (right - down));
    else viewport.pan(right * PAN_STEP, down * PAN_STEP);
  }

  removeMeasurement(): void {
    if (!removeLastMeasurement()) return;
    this.#engine.render();
    this.#parts.onStatus('The last measurement is removed.');
  }

  /** That of the pane that was turned to last, as soon as it shows something. */
  get #viewport(): Viewport | undefined {
    return this.#chosen.hasImage ? this.#chosen.viewport : undefined;
  }

  #open(id: string): Pane {
    const pane: Pane = new Pane({ ...this.#parts, onChosen: () => this.#choose(pane) }, id, this.#container);
    this.#tools.add(id);
    return pane;
  }

  /** Images that were whole on the screen stay so, others as near as they were. */
  #resize(): void {
    const shown = [this.#main, this.#beside].flatMap((pane) => (pane?.hasImage ? [pane.viewport] : []));
    const restore = shown.map((viewport) => viewport.remember());
    this.#engine.resize(true, false);
    for (const one of restore) one();
  }

  #choose(pane: Pane): void {
    this.#chosen = pane;
    this.#main.chosen = this.#beside !== undefined && pane === this.#main;
    if (this.#beside) this.#beside.chosen = pane === this.#beside;
  }
}
