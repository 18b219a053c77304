/**
 * Random requests with valid credentials, including malformed ones, on every surface: never a 500 or another
 * undocumented status, errors in the surface's format, no secret in a response or a log, a response in time, and a
 * process that continues to serve. The seed is fixed, so that each run makes the same requests;
 * `npm run fuzz -- --seed N --minutes M` makes others for longer. A failure prints the seed and the path of the step
 * that repeat it.
 */
import fc from 'fast-check';
import { adminSteps } from './admin-steps.js';
import { FuzzTarget } from './fuzz-target.js';
import { llmSteps } from './llm-steps.js';
import { oauthSteps, scimSteps } from './protocol-steps.js';
import { anyAddress, faultOfResponse } from './steps.js';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_201);
const MINUTES = process.env.FUZZ_MINUTES === undefined ? null : Number(process.env.FUZZ_MINUTES);
/** Set to repeat a failure. */
const PATH = process.env.FUZZ_PATH;
const STEPS = MINUTES === null ? 2_500 : Number.MAX_SAFE_INTEGER;
const MOST_MS = MINUTES === null ? 45_000 : MINUTES * 60_000;
/** Steps between two checks of the process. */
const LOOK_EVERY = 50;

let target: FuzzTarget;

beforeAll(async () => {
  target = await FuzzTarget.start();
}, 120_000);
afterAll(() => target?.stop(), 60_000);

it(
  'keeps its promises whatever it is sent',
  async () => {
    let count = 0;
    const steps = fc.oneof(
      { weight: 4, arbitrary: adminSteps(target.adminKey) },
      { weight: 4, arbitrary: llmSteps(target.virtualKey) },
      { weight: 2, arbitrary: oauthSteps(target.oauthClient) },
      { weight: 2, arbitrary: scimSteps(target.adminKey) },
    );
    const property = fc.asyncProperty(steps, anyAddress, async (step, address) => {
      const response = await target.send(step, address);
      const fault =
        faultOfResponse(step, response, target.secrets) ??
        (++count % LOOK_EVERY === 0 ? await target.faultOfProcess() : null);
      if (fault !== null) throw new Error(`${step.title}: ${fault}`);
      await target.removeMade(step, response);
    });
    await fc.assert(property, {
      seed: SEED,
      numRuns: STEPS,
      interruptAfterTimeLimit: MOST_MS,
      // The first failure can be repeated; shrinking it takes as long again.
      endOnFailure: true,
      ...(PATH === undefined ? {} : { path: PATH }),
    });
    process.stdout.write(`fuzz: ${count} steps with seed ${SEED}\n`);
    expect(await target.faultOfProcess()).toBeNull();
  },
  MOST_MS + 60_000,
);
