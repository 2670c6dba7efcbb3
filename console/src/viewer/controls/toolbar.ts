import type { HeldTool } from '../images/tools.ts';
import type { Action } from './actions.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** Buttons for actions; of tools that of the one in the hand is pressed. @returns how to tell which one is */
export function fillToolbar(toolbar: HTMLElement, actions: readonly Action[]): (held: HeldTool) => void {
  const tools = new Map<HeldTool, HTMLElement>();
  for (const action of actions) {
    if (action.icon === undefined) continue;
    if (action.begins) toolbar.append(divider());
    const button = buttonOf(action, action.icon);
    if (action.tool) tools.set(action.tool, button);
    toolbar.append(button);
  }
  return (held) => {
    for (const [tool, button] of tools) button.setAttribute('aria-pressed', String(tool === held));
  };
}

function buttonOf({ label, keys, keysShown, run }: Action, icon: string): HTMLElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.title = `${label} (${keysShown ?? keys[0]})`;
  button.append(pictureOf(icon), label);
  button.addEventListener('click', run);
  return button;
}

function pictureOf(path: string): SVGElement {
  const picture = document.createElementNS(SVG, 'svg');
  picture.setAttribute('viewBox', '0 0 24 24');
  picture.setAttribute('aria-hidden', 'true');
  const drawn = document.createElementNS(SVG, 'path');
  drawn.setAttribute('d', path);
  picture.append(drawn);
  return picture;
}

function divider(): HTMLElement {
  const gap = document.createElement('span');
  gap.className = 'gap';
  return gap;
}

/** A list of the keys for the dialog. */
export function fillKeys(list: HTMLElement, actions: readonly Action[]): void {
  for (const { label, keys, keysShown } of actions) {
    if (label === '') continue;
    const key = document.createElement('dt');
    const meaning = document.createElement('dd');
    key.textContent = keysShown ?? keys[0]!.toUpperCase();
    meaning.textContent = label;
    list.append(key, meaning);
  }
}
