import { expect, test } from '@jest/globals';
import { partOf } from '../../src/profile/parts.ts';

test.each([
  [['server/src/identity/tokens/identifier.ts', 'server/src/rest/handler.ts'], 'signing in'],
  [['server/src/records/callers/callers.ts'], 'signing in'],
  [['(garbage collector)', 'server/src/store/index/emit.ts', 'server/src/records/gate/gate.ts'], 'policies'],
  [['node:fs', 'server/src/audit/journal/journal.ts'], 'audit'],
  [['server/src/records/trail/trail.ts', 'server/src/records/gate/shown.ts'], 'audit'],
  [['server/src/rest/http/recording.ts', 'server/src/rest/handler.ts'], 'audit'],
  [['/elsewhere/server/src/access/createAccess.ts'], 'policies'],
  [['pg', 'server/src/store/resource/reader.ts', 'server/src/records/records.ts'], 'all else'],
  [[], 'all else'],
])('%j is %s', (files, part) => expect(partOf(files)).toBe(part));
