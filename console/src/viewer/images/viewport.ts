import {
  Enums,
  EVENTS,
  utilities,
  type RenderingEngine,
  type StackViewport,
  type Types,
} from '@cornerstonejs/core';

/** What a viewport shows now. */
export interface Shown {
  /** From 1. */
  image: number;
  images: number;
  /** Units of the stored values after rescaling. */
  window?: { center: number; width: number };
  /** 1: the whole image fits. */
  zoom: number;
  /** Degrees, clockwise. */
  rotation: number;
}

const QUARTER_TURN = 90;
const BACKGROUND: Types.Point3 = [0, 0, 0];

/** One image at a time of a stack of them, and how it is looked at. */
export class Viewport {
  readonly id: string;
  readonly #engine: RenderingEngine;

  /** @param onChanged called after each change of what is shown */
  constructor(engine: RenderingEngine, id: string, element: HTMLDivElement, onChanged: () => void) {
    this.id = id;
    this.#engine = engine;
    engine.enableElement({
      viewportId: id,
      type: Enums.ViewportType.STACK,
      element,
      defaultOptions: { background: BACKGROUND },
    });
    element.addEventListener(EVENTS.IMAGE_RENDERED, onChanged);
  }

  get #stack(): StackViewport {
    return this.#engine.getViewport(this.id) as StackViewport;
  }

  /** @param imageIds at least one */
  async show(imageIds: string[]): Promise<void> {
    await this.#stack.setStack(imageIds, 0);
    this.#stack.render();
  }

  get shown(): Shown {
    const { voiRange } = this.#stack.getProperties();
    return {
      image: this.#stack.getCurrentImageIdIndex() + 1,
      images: this.#stack.getImageIds().length,
      ...(voiRange && { window: windowOf(voiRange) }),
      zoom: this.#stack.getZoom(),
      rotation: this.#stack.getViewPresentation().rotation ?? 0,
    };
  }

  /** Whether the whole image is in view, as large as it can be. */
  get #isFitted(): boolean {
    const [x, y] = this.#stack.getPan();
    return Math.abs(this.#stack.getZoom() - this.#fittingZoom()) < 0.01 && Math.hypot(x, y) < 1;
  }

  /** @returns what puts the image back, after the screen has changed */
  remember(): () => void {
    if (this.#isFitted) return () => this.#fit();
    const presentation = this.#stack.getViewPresentation();
    return () => {
      this.#stack.setViewPresentation(presentation);
      this.#stack.render();
    };
  }

  /** The whole image, as large as it can be, turned as it is. */
  #fit(): void {
    const { rotation = 0, flipHorizontal = false } = this.#stack.getViewPresentation();
    this.#stack.resetCamera();
    this.#stack.setViewPresentation({ rotation, flipHorizontal });
    this.#stack.setZoom(this.#fittingZoom());
    this.#stack.render();
  }

  /** Cornerstone fits an image that is not turned: that is a zoom of 1. */
  #fittingZoom(): number {
    const { dimensions: [columns, rows] = [1, 1], spacing = [1, 1] } = this.#stack.getImageData() ?? {};
    const [width, height] = [columns * spacing[0]!, rows * spacing[1]!];
    const { clientWidth, clientHeight } = this.#stack.element;
    const isLying = Math.round(this.shown.rotation / QUARTER_TURN) % 2 === 1;
    if (!isLying) return 1;
    return (
      Math.min(clientWidth / height, clientHeight / width) /
      Math.min(clientWidth / width, clientHeight / height)
    );
  }

  /** @param steps forwards, or back where they are negative */
  async step(steps: number): Promise<void> {
    const { image, images } = this.shown;
    const index = Math.min(Math.max(image - 1 + steps, 0), images - 1);
    if (index !== image - 1) await this.#stack.setImageIdIndex(index);
  }

  invert(): void {
    this.#stack.setProperties({ invert: this.#stack.getProperties().invert !== true });
    this.#stack.render();
  }

  /** @param quarters clockwise */
  rotate(quarters: number): void {
    const turned = this.shown.rotation + quarters * QUARTER_TURN;
    const isFitted = this.#isFitted;
    this.#stack.setViewPresentation({ rotation: ((turned % 360) + 360) % 360 });
    if (isFitted) this.#fit();
    else this.#stack.render();
  }

  /** As in a mirror. */
  flip(): void {
    const { flipHorizontal = false } = this.#stack.getViewPresentation();
    this.#stack.setViewPresentation({ flipHorizontal: !flipHorizontal });
    this.#stack.render();
  }

  /** @param factor above 1: nearer */
  zoom(factor: number): void {
    this.#stack.setZoom(this.#stack.getZoom() * factor);
    this.#stack.render();
  }

  /** @param right @param down pixels of the screen */
  pan(right: number, down: number): void {
    const [x, y] = this.#stack.getPan();
    this.#stack.setPan([x + right, y + down]);
    this.#stack.render();
  }

  /** @param brighter @param wider in steps of a fraction of the window's width */
  adjustWindow(brighter: number, wider: number): void {
    const { window } = this.shown;
    if (!window) return;
    const step = Math.max(window.width * 0.05, 1);
    const width = Math.max(window.width + wider * step, 1);
    const center = window.center - brighter * step;
    this.#stack.setProperties({ voiRange: utilities.windowLevel.toLowHighRange(width, center) });
    this.#stack.render();
  }

  /** The whole image, as it was stored. */
  reset(): void {
    this.#stack.resetProperties();
    this.#stack.resetCamera();
    this.#stack.setViewPresentation({ rotation: 0, flipHorizontal: false, flipVertical: false });
    this.#stack.render();
  }
}

function windowOf({ lower, upper }: Types.VOIRange): NonNullable<Shown['window']> {
  const { windowCenter, windowWidth } = utilities.windowLevel.toWindowLevel(lower, upper);
  return { center: Math.round(windowCenter), width: Math.round(windowWidth) };
}
