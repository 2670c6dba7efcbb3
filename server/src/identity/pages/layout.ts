import { createHash } from 'node:crypto';
import { html, Html } from './html.ts';

const STYLE = `
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;padding:2rem 1rem}
main{max-width:26rem;margin:0 auto}
h1{font-size:1.4rem}
label{display:block;margin:1rem 0 .25rem}
fieldset{margin:1rem 0;border:1px solid #888}
fieldset label,li label{margin:.25rem 0}
input[type=text],input[type=email],input[type=password],input[type=search]{box-sizing:border-box;width:100%;padding:.5rem;font:inherit}
button{font:inherit;padding:.5rem 1rem;margin:1rem .5rem 0 0}
.problem{border-left:.3rem solid #c00;padding:.1rem .8rem}
small{display:block}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
form button{margin-top:.5rem}
li{margin-bottom:.5rem}
.problem:empty{display:none}
[hidden]{display:none}
.note{border-left:.3rem solid #080;padding:.1rem .8rem}
.spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.codes{columns:2;list-style:none;padding:0}
code{overflow-wrap:anywhere}
svg{max-width:100%;height:auto}
ul{padding-left:1.2rem}
`;
const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
const PAGE_STYLE = new Html(`<style>${STYLE}</style>`);

export interface Page {
  title: string;
  body: Html;
  /** Origins besides ours to which a form may lead, by redirects: that of the app. */
  formTargets?: readonly string[];
  /** Address of the one script that it runs. */
  script?: string | undefined;
}

/** The whole document: no script but a file of ours, no picture, nothing from elsewhere. */
export const documentOf = ({ title, body, script }: Page): string =>
  `<!doctype html>\n${
    html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} - MaxRay</title>
        ${PAGE_STYLE} ${script === undefined ? undefined : html`<script src="${script}" defer></script>`}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`.text
  }`;

/** Headers of every page. Forms are followed through redirects by some browsers, so that the app's origin is named too. */
export function pageHeaders({
  formTargets = [],
  script,
}: Pick<Page, 'formTargets' | 'script'>): Record<string, string> {
  const policy = [
    "default-src 'none'",
    ...(script === undefined ? [] : [`script-src ${script}`]),
    `style-src ${STYLE_HASH}`,
    ["form-action 'self'", ...formTargets].join(' '),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy.join('; '),
    'X-Frame-Options': 'DENY',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  };
}

/** What was done, read out when there is time. */
export const noteOf = (text: string | undefined): Html =>
  text === undefined ? html`` : html`<p class="note" role="status">${text}</p>`;

/** The problem of a form, read out first by screen readers. */
export const problemOf = (text: string | undefined): Html =>
  text === undefined ? html`` : html`<p class="problem" role="alert">${text}</p>`;
