/** Tests stand in `<workspace>/test`, mirroring `<workspace>/src`; a bot's stands beside it. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/*/test/**/*.test.ts', '<rootDir>/bots/*/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/jest/strip-types.mjs' },
  globalSetup: '<rootDir>/server/test/support/globalSetup.mjs',
  globalTeardown: '<rootDir>/server/test/support/globalTeardown.mjs',
  // A guard against hanging, never a measure: what takes seconds by itself takes minutes on a machine that others use.
  testTimeout: 300_000,
  maxWorkers: 2,
  // What modules leave behind in a worker is never freed: beyond this, collecting garbage takes most of its time.
  workerIdleMemoryLimit: '1GB',
};
