import { encode } from 'uqr';
import { html, type Html } from './html.ts';

/** Modules of quiet around the code (ISO/IEC 18004). */
const BORDER = 4;
/** Of one module, in CSS pixels. */
const MODULE_PX = 4;

/** A QR code as inline SVG: dark on white whatever the page's colours, without style or picture that a policy would have to allow. */
export function qrCode(text: string, label: string): Html {
  const { data, size } = encode(text, { ecc: 'M', border: BORDER });
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  const px = size * MODULE_PX;
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    role="img"
    aria-label="${label}"
    width="${px}"
    height="${px}"
    viewBox="0 0 ${size} ${size}"
    shape-rendering="crispEdges"
  >
    <rect width="${size}" height="${size}" fill="#fff" />
    <path d="${dark.join('')}" fill="#000" />
  </svg>`;
}
