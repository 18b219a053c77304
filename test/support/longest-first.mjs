// Runs the longest suites first, so that no worker ends with one while the others are idle. Jest remembers how long suites
// took. Where it has not run them yet, these seconds and the sizes of the files decide.
import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { createRequire } from 'node:module';

// A part of Jest, so found from there.
const { default: TestSequencer } = createRequire(createRequire(import.meta.url).resolve('jest'))(
  '@jest/test-sequencer',
);

/** Suites that take longer than their size suggests. Their ratio matters, not the exact number. */
const SECONDS = {
  'test/e2e/oauth/races.e2e-spec.ts': 40,
  'test/fuzz/fuzz.e2e-spec.ts': 30,
  'test/e2e/oauth/revocation.e2e-spec.ts': 30,
  'test/e2e/cli/command-line.e2e-spec.ts': 30,
  'test/e2e/cli/create-organization.e2e-spec.ts': 25,
  'test/architecture/start.e2e-spec.ts': 25,
  'test/e2e/proxy/stream-endings.e2e-spec.ts': 25,
  'test/e2e/oauth/sweep.e2e-spec.ts': 20,
  'test/e2e/platform/full-disk.e2e-spec.ts': 20,
  'test/e2e/demo/demo.e2e-spec.ts': 20,
  'test/e2e/cli/reseal.e2e-spec.ts': 20,
  'test/e2e/usage/record-durability.e2e-spec.ts': 20,
  'test/browser/idp-sign-in.e2e-spec.ts': 20,
  'test/e2e/oauth/restart.e2e-spec.ts': 15,
  'test/e2e/cli/rerate.e2e-spec.ts': 15,
  'test/e2e/cli/verify-audit-log.e2e-spec.ts': 15,
};

const MS_PER_BYTE = 0.5;

export default class LongestFirst extends TestSequencer {
  time(test) {
    const seconds = SECONDS[relative(test.context.config.rootDir, test.path)];
    return super.time(test) ?? (seconds ? seconds * 1_000 : statSync(test.path).size * MS_PER_BYTE);
  }
}
