import type { RenderingEngine } from '@cornerstonejs/core';
import { ReadError, VisitEndedError, type Service } from '../record/service.ts';
import { studyInstanceUidOf, type ImagingStudy, type Series } from '../record/record.ts';
import { labelOf, titleOf } from '../record/wording.ts';
import { framesOf } from './frames.ts';
import { seriesList } from './seriesList.ts';
import { Viewport } from './viewport.ts';

/** Series that hold no images to look at. */
const WITHOUT_IMAGES = new Set(['SR', 'PR', 'KO', 'DOC']);

const WHEEL_ZOOM = 1.1;

export interface PaneParts {
  service: Service;
  engine: RenderingEngine;
  /** Called when the reader turns to this pane. */
  onChosen(): void;
  /** What is to be read out. */
  onStatus(text: string): void;
  onVisitEnded(): void;
}

/** One study beside others: its series, the image, and what is said about it. */
export class Pane {
  readonly element = document.createElement('section');
  readonly viewport: Viewport;
  readonly #parts: PaneParts;
  readonly #title = document.createElement('h2');
  readonly #stage = document.createElement('div');
  readonly #image = document.createElement('div');
  readonly #overlay = document.createElement('p');
  readonly #problem = document.createElement('p');
  /** Counts what was asked for: what comes late is not shown any more. */
  #asked = 0;
  /** What the lengths of the series mean. */
  #lengths = '';

  /** @param container where it is put: it must be in the page before it can show something */
  constructor(parts: PaneParts, id: string, container: HTMLElement) {
    this.#parts = parts;
    this.element.className = 'pane empty';
    this.#stage.className = 'stage';
    this.#image.className = 'image';
    this.#image.tabIndex = 0;
    this.#image.setAttribute('role', 'img');
    this.#overlay.className = 'overlay';
    this.#problem.className = 'problem';
    this.#problem.setAttribute('role', 'alert');
    this.#problem.hidden = true;
    this.#stage.append(this.#image, this.#overlay, this.#problem);
    this.element.append(this.#title, this.#stage);
    container.append(this.element);
    this.#image.addEventListener('contextmenu', (event) => event.preventDefault());
    for (const event of ['pointerdown', 'focusin'])
      this.element.addEventListener(event, () => parts.onChosen());
    this.#image.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    this.viewport = new Viewport(parts.engine, id, this.#image, () => this.#describe());
  }

  /** Whether there is something that can be turned, zoomed and so on. */
  get hasImage(): boolean {
    return !this.element.classList.contains('empty');
  }

  set chosen(isChosen: boolean) {
    this.element.setAttribute('aria-current', String(isChosen));
  }

  focus(): void {
    this.#image.focus();
  }

  /** Shows the first series of a study that has images. */
  async showStudy(study: ImagingStudy): Promise<void> {
    this.#title.textContent = titleOf(study);
    this.element.setAttribute('aria-label', titleOf(study));
    this.#stage.querySelector('.series')?.remove();
    const series = (study.series ?? []).filter(({ modality }) => !WITHOUT_IMAGES.has(modality?.code ?? ''));
    this.element.classList.toggle('many', series.length > 1);
    await this.#attempt(async (isCurrent) => {
      const uid = studyInstanceUidOf(study);
      const [first] = series;
      if (!first) throw new ReadError('This study has no images.');
      if (series.length > 1) this.#stage.append(this.#choiceOf(uid, series));
      await this.#showSeries(uid, first, isCurrent);
    });
  }

  #choiceOf(studyUid: string, series: Series[]): HTMLElement {
    const { dicomweb } = this.#parts.service;
    return seriesList(`${dicomweb}/studies/${studyUid}`, series, (chosen) => {
      void this.#attempt((isCurrent) => this.#showSeries(studyUid, chosen, isCurrent));
    });
  }

  async #showSeries(studyUid: string, series: Series, isCurrent: () => boolean): Promise<void> {
    const { imageIds, lengths } = await framesOf(this.#parts.service, studyUid, series.uid);
    if (!isCurrent()) return;
    if (imageIds.length === 0) throw new ReadError('This series has no images.');
    this.#image.setAttribute('aria-label', labelOf(series) ?? 'X-ray image');
    this.#lengths = lengths;
    await this.viewport.show(imageIds);
    if (!isCurrent()) return;
    this.element.classList.remove('empty');
    this.#describe();
    this.#parts.onStatus(`${labelOf(series) ?? 'Image'} is shown.`);
  }

  async #attempt(work: (isCurrent: () => boolean) => Promise<void>): Promise<void> {
    const asked = (this.#asked += 1);
    const isCurrent = () => asked === this.#asked;
    this.element.classList.add('empty'); // an image must never stand below the title of another study
    this.#problem.hidden = true;
    this.element.setAttribute('aria-busy', 'true');
    this.#overlay.textContent = 'Loading ...';
    try {
      await work(isCurrent);
    } catch (error) {
      if (error instanceof VisitEndedError) return this.#parts.onVisitEnded();
      if (!isCurrent()) return;
      this.#overlay.textContent = '';
      this.#problem.hidden = false;
      this.#problem.textContent =
        error instanceof ReadError ? error.message : 'The image cannot be shown: it could not be read.';
    } finally {
      if (isCurrent()) this.element.removeAttribute('aria-busy');
    }
  }

  /** Through the images of a series, or nearer and farther where there is one only. */
  #wheel(event: WheelEvent): void {
    event.preventDefault();
    if (!this.hasImage || event.deltaY === 0) return;
    const direction = Math.sign(event.deltaY);
    if (event.ctrlKey || this.viewport.shown.images === 1) this.viewport.zoom(WHEEL_ZOOM ** -direction);
    else void this.viewport.step(direction);
  }

  #describe(): void {
    if (!this.hasImage) return;
    const { image, images, window, zoom, rotation } = this.viewport.shown;
    const lines = [
      images > 1 ? `Image ${image} of ${images}` : undefined,
      window && `Window ${window.center} / ${window.width}`,
      `Zoom ${Math.round(zoom * 100)} %${rotation === 0 ? '' : `, turned ${Math.round(rotation)}\u00b0`}`,
      this.#lengths,
    ];
    this.#overlay.textContent = lines.filter((line) => line !== undefined).join('\n');
  }
}
