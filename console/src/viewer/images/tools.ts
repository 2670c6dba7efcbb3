import {
  addTool,
  annotation,
  Enums,
  LengthTool,
  PanTool,
  ToolGroupManager,
  WindowLevelTool,
  ZoomTool,
} from '@cornerstonejs/tools';

/** Tools of which one is in the hand. */
export type HeldTool = 'window' | 'zoom' | 'pan' | 'length';

const NAME_OF: Readonly<Record<HeldTool, string>> = {
  window: WindowLevelTool.toolName,
  zoom: ZoomTool.toolName,
  pan: PanTool.toolName,
  length: LengthTool.toolName,
};
const { Primary, Secondary, Auxiliary } = Enums.MouseBindings;
const GROUP = 'viewer';

type Group = NonNullable<ReturnType<typeof ToolGroupManager.createToolGroup>>;

/** What fingers and the mouse do with the images of all panes. */
export class Tools {
  readonly #group: Group;
  readonly #engineId: string;
  #held: HeldTool = 'window';

  constructor(engineId: string) {
    this.#engineId = engineId;
    this.#group = ToolGroupManager.createToolGroup(GROUP)!;
    for (const tool of [WindowLevelTool, ZoomTool, PanTool, LengthTool]) {
      addTool(tool);
      this.#group.addTool(tool.toolName);
    }
    this.hold('window');
  }

  get held(): HeldTool {
    return this.#held;
  }

  add(viewportId: string): void {
    this.#group.addViewport(viewportId, this.#engineId);
  }

  remove(viewportId: string): void {
    this.#group.removeViewports(this.#engineId, viewportId);
  }

  /** Takes a tool in the hand: the left button and one finger use it. */
  hold(tool: HeldTool): void {
    this.#held = tool;
    for (const name of Object.values(NAME_OF)) this.#group.setToolPassive(name, { removeAllBindings: true });
    const inHand = { mouseButton: Primary, numTouchPoints: 1 };
    const always = {
      zoom: [{ mouseButton: Secondary }, { numTouchPoints: 2 }],
      pan: [{ mouseButton: Auxiliary }],
    };
    for (const name of ['zoom', 'pan'] as const)
      this.#group.setToolActive(NAME_OF[name], {
        bindings: [...always[name], ...(tool === name ? [inHand] : [])],
      });
    if (tool === 'window' || tool === 'length')
      this.#group.setToolActive(NAME_OF[tool], { bindings: [inHand] });
  }
}

/** Removes the measurement that was made last. @returns whether there was one */
export function removeLastMeasurement(): boolean {
  const last = annotation.state.getAllAnnotations().at(-1);
  if (last?.annotationUID === undefined) return false;
  annotation.state.removeAnnotation(last.annotationUID);
  return true;
}
