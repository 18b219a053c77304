import { rmSync } from 'node:fs';
import { dirname } from 'node:path';

export default async function globalTeardown() {
  await globalThis.dropTestTemplate?.();
  if (process.env.TEST_PGLITE_SEED) rmSync(dirname(process.env.TEST_PGLITE_SEED), { recursive: true, force: true });
}
