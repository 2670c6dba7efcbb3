/** Writes the table of docs/configuration.md anew from server/src/config/variables.ts. Run after changing a variable. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';
import { VARIABLES } from '../../server/src/config.ts';

const file = path.join(import.meta.dirname, '..', '..', 'docs', 'configuration.md');
const header = ['| name | takes | default | meaning |', '| --- | --- | --- | --- |'];
const rows = VARIABLES.map(({ name, type, meaning, ...rest }) => {
  const shown = rest.default === '' ? '(unset)' : `\`${rest.default}\``;
  return `| \`${name}\` | ${type} | ${shown} | ${meaning} |`;
});
const text = readFileSync(file, 'utf8').replace(
  /(<!-- variables -->)[\s\S]*(<!-- end of variables -->)/,
  `$1\n\n${[...header, ...rows].join('\n')}\n\n$2`,
);
const options = await prettier.resolveConfig(file);
writeFileSync(file, await prettier.format(text, { ...options, filepath: file }));
