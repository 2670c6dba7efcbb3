import type { Access } from './access.ts';

/** Of somebody who may do nothing with any resource. */
export const NO_ACCESS: Access = {
  condition: () => false,
  allows: () => false,
  allowsText: () => false,
  hidden: () => [],
  hiddenIn: () => [],
  shown: (_type, resource) => resource,
  hiddenParameter: () => undefined,
  readonlyElements: () => [],
  checkWrite: (_before, _after, resource) => ({ resource, refused: [] }),
  violated: () => [],
  ofSecurityContexts: () => undefined,
  unlimited: false,
  faults: [],
};
