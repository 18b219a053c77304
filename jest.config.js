// Units (*.spec.ts and *.spec.tsx, beside pure code) and end-to-end suites (*.e2e-spec.ts, real sockets and databases).
// swc compiles; `npm run typecheck` is what checks types.
const swc = (syntax, tsx = false) => [
  '@swc/jest',
  {
    swcrc: false,
    sourceMaps: 'inline',
    jsc: {
      target: 'es2022',
      parser: { syntax, decorators: true, tsx },
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        useDefineForClassFields: false,
        react: { runtime: 'automatic', importSource: 'preact' },
      },
      keepClassNames: true,
    },
    ...(syntax === 'typescript' ? {} : { module: { type: 'commonjs' } }),
  },
];

// CommonJS packages that require() these ESM-only leaves cannot be loaded by Jest on Node 20 unless they are transformed.
const esmLeaves = 'cookie|content-disposition';

// With TEST_DATABASE_URL the suites run on PostgreSQL and Redis. Units run on no database, and some suites on the embedded
// one whatever else is there: these are not run a second time.
const isShared = process.env.TEST_DATABASE_URL !== undefined;
const embeddedOnly = ['/test/e2e/demo/', '/test/e2e/cli/', '/test/e2e/platform/resealer\\.'];

const settings = {
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transformIgnorePatterns: [`/node_modules/(?!(${esmLeaves})/)`],
};
const compile = {
  '^.+\\.ts$': swc('typescript'),
  '^.+\\.tsx$': swc('typescript', true),
  [`/node_modules/(${esmLeaves})/.+\\.js$`]: swc('ecmascript'),
};

export default {
  projects: [
    {
      ...settings,
      displayName: 'units',
      roots: ['<rootDir>/src', '<rootDir>/test'],
      testMatch: isShared ? ['**/shared-state/*.spec.ts'] : ['**/*.spec.ts', '**/*.spec.tsx'],
      transform: compile,
    },
    {
      ...settings,
      displayName: 'end-to-end',
      roots: ['<rootDir>/test'],
      testMatch: ['**/*.e2e-spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', ...(isShared ? embeddedOnly : [])],
      testEnvironment: '<rootDir>/test/support/program/environment.mjs',
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
      transform: { '/src/.+\\.tsx?$': '<rootDir>/test/support/program/reference.mjs', ...compile },
    },
  ],
  testTimeout: 30_000,
  maxWorkers: 2,
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  // Modules of past suites are not let go of; a worker that has gathered this much starts anew.
  workerIdleMemoryLimit: '1GB',
};
