// `npm run fuzz -- --seed N --minutes M [--path P]`: runs the fuzz suite for longer, or repeats one failed step.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, minutes: { type: 'string', default: '10' }, path: { type: 'string' } },
});
const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31));
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
console.log(`fuzz: seed ${seed}, ${values.minutes} minutes`);
const { status } = spawnSync(process.execPath, [...jest, 'test/fuzz'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    FUZZ_SEED: seed,
    FUZZ_MINUTES: values.minutes,
    ...(values.path === undefined ? {} : { FUZZ_PATH: values.path }),
  },
});
process.exit(status ?? 1);
