import type { Series } from '../record/record.ts';
import { labelOf } from '../record/wording.ts';

/**
 * The series of a study, by thumbnails.
 *
 * @param studyUrl of DICOMweb
 */
export function seriesList(
  studyUrl: string,
  series: readonly Series[],
  onChosen: (chosen: Series) => void,
): HTMLElement {
  const list = document.createElement('ul');
  list.className = 'series';
  list.setAttribute('aria-label', 'Series');
  const buttons = series.map((one, i) => {
    const button = document.createElement('button');
    const picture = document.createElement('img');
    picture.src = `${studyUrl}/series/${one.uid}/thumbnail`;
    picture.alt = '';
    picture.loading = 'lazy';
    picture.addEventListener('error', () => (picture.hidden = true));
    button.append(picture, labelOf(one) ?? `Series ${one.number ?? i + 1}`);
    button.setAttribute('aria-pressed', String(i === 0));
    button.addEventListener('click', () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      onChosen(one);
    });
    const item = document.createElement('li');
    item.append(button);
    list.append(item);
    return button;
  });
  return list;
}
