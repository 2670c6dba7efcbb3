import path from 'node:path';

/** Which rooms of server/src a room may import (docs/architecture.md). What is not listed is forbidden. */
export const ROOMS = {
  fhir: [],
  outgoing: [],
  background: [],
  store: ['background', 'fhir'],
  terminology: ['store', 'fhir'],
  validation: ['fhir'],
  access: ['store', 'fhir'],
  audit: ['store', 'background', 'fhir'],
  limits: ['store', 'fhir'],
  queue: ['store', 'background', 'fhir'],
  identity: ['limits', 'store', 'fhir'],
  records: ['identity', 'access', 'audit', 'validation', 'terminology', 'store', 'background', 'fhir'],
  bots: ['records', 'queue', 'outgoing', 'fhir'],
  imaging: ['records', 'background', 'fhir'],
  operations: ['imaging', 'bots', 'records', 'fhir'],
  events: ['bots', 'records', 'queue', 'outgoing', 'background', 'fhir'],
  rest: ['operations', 'events', 'records', 'fhir'],
  web: ['rest', 'operations', 'imaging', 'events', 'queue', 'records', 'fhir'],
};
const COMPOSERS = ['main.ts', 'config.ts', 'config', 'cli', 'main'];

const roomOf = (file, sourceRoot) => path.relative(sourceRoot, file).split(path.sep)[0] ?? '';

/** Imports run downwards only; a surface never sees the store; nobody imports a composer. */
const importDirection = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      upwards:
        'The room {{from}}/ may not import {{to}}/ (docs/architecture.md): declare a port and let main wire it.',
      outside: '{{from}}/ may not reach into another workspace by path: import it by its package name.',
    },
  },
  create(context) {
    const marker = `${path.sep}server${path.sep}src${path.sep}`;
    const at = context.filename.indexOf(marker);
    if (at < 0) return {};
    const sourceRoot = context.filename.slice(0, at + marker.length);
    const from = roomOf(context.filename, sourceRoot);
    const check = (node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string' || !specifier.startsWith('.')) return;
      const target = path.resolve(path.dirname(context.filename), specifier);
      if (target === path.resolve(sourceRoot, '../package.json')) return;
      if (!target.startsWith(sourceRoot))
        return context.report({ node, messageId: 'outside', data: { from } });
      const to = roomOf(target, sourceRoot);
      const allowed = COMPOSERS.includes(from) || to === from || ROOMS[from]?.includes(to);
      if (!allowed) context.report({ node, messageId: 'upwards', data: { from, to } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

export default { rules: { 'import-direction': importDirection } };
