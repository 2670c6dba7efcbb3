/** Writes the tables of docs/configuration.md anew from the variables of server and bridge. Run after changing a variable. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';
import { VARIABLES as OF_BRIDGE } from '../../dicom-bridge/src/config/variables.ts';
import { VARIABLES as OF_SERVER } from '../../server/src/config.ts';

const file = path.join(import.meta.dirname, '..', '..', 'docs', 'configuration.md');
const header = ['| name | takes | default | meaning |', '| --- | --- | --- | --- |'];
const rowOf = ({ name, type, meaning, ...rest }) => {
  const shown = rest.default === '' ? '(unset)' : `\`${rest.default}\``;
  return `| \`${name}\` | ${type} | ${shown} | ${meaning} |`;
};
const withTable = (text, name, variables) =>
  text.replace(
    new RegExp(`(<!-- ${name} -->)[\\s\\S]*(<!-- end of ${name} -->)`),
    `$1\n\n${[...header, ...variables.map(rowOf)].join('\n')}\n\n$2`,
  );
const text = withTable(
  withTable(readFileSync(file, 'utf8'), 'variables', OF_SERVER),
  'variables of the bridge',
  OF_BRIDGE,
);
const options = await prettier.resolveConfig(file);
writeFileSync(file, await prettier.format(text, { ...options, filepath: file }));
