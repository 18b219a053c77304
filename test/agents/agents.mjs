// `npm run agents`: the published command lines of Codex and opencode perform one task each through the Model Router,
// with scripted models behind it. See README.md. Exits with 1 when one of them fails.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from './gateway-stage.mjs';
import { AGENTS, installed } from './installed-agents.mjs';
import { ANSWER, CONTENT, FILE, INPUT_TOKENS, OUTPUT_TOKENS, SIGNING, startModels } from './scripted-model.mjs';

/** Name that an agent uses for the model → the model behind it. */
const ALIASES = { 'gpt-5.4': 'anthropic:claude-sonnet-5' };

const TASK = `Write down when the tide is low, in ${FILE}.`;

/** Runs one agent with one model, in a home and a directory of its own. */
async function doTask(agent, model, { tools, gateway, models }) {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-agent-'));
  const [home, directory] = ['home', 'work'].map((name) => join(root, name));
  for (const made of [home, directory]) mkdirSync(made);
  models.begin(directory);
  const key = await gateway.newKey(`${agent.title} on ${model}`);
  const baseUrl = `${gateway.url}/v1/model-router`;
  const ran = await agent.run({ tools, home, directory, baseUrl, key: key.value, model, task: TASK });
  const file = join(directory, FILE);
  const written = existsSync(file) ? readFileSync(file, 'utf8') : null;
  rmSync(root, { recursive: true, force: true });
  const turns = [...models.turns];
  return { ...ran, written, turns, records: await gateway.recordsOf(key, turns.length) };
}

/** Returns the expectations that failed. */
function failuresOf(agent, model, { code, output, written, turns, records }) {
  const provider = (ALIASES[model] ?? model).split(':')[0];
  const isMetered = (record) =>
    record.surface === 'model-router' &&
    record.status === 200 &&
    record.outcome === 'success' &&
    record.provider === provider &&
    record.requestedModel === model &&
    record.inputTokens === INPUT_TOKENS &&
    record.outputTokens === OUTPUT_TOKENS;
  const signing = agent.replays && turns.some(({ wire }) => SIGNING.includes(wire));
  return [
    [code === 0, `it ended with ${code}`],
    [turns.some(({ said }) => said.call), 'no tool was called'],
    [written?.trim() === CONTENT, `${FILE} holds ${JSON.stringify(written)}`],
    [turns.some(({ seen }) => seen.length > 0), 'what the tool said did not come back'],
    [!signing || isReplayed(turns), 'the thought did not come back with its signature'],
    [output.includes(ANSWER), 'the answer did not come'],
    [records.length === turns.length, `${records.length} records of ${turns.length} calls`],
    [records.every(isMetered), `the records say ${JSON.stringify(records.filter((record) => !isMetered(record)))}`],
  ].flatMap(([isSo, otherwise]) => (isSo ? [] : [otherwise]));
}

const isReplayed = (turns) => turns.some(({ isSigned }) => isSigned);

async function report(agent, model, stage) {
  const done = await doTask(agent, model, stage);
  const { turns, output } = done;
  const failures = failuresOf(agent, model, done);
  const name = `${agent.title} on ${model}`;
  if (failures.length === 0) {
    const wires = [...new Set(turns.map(({ wire }) => wire))].join(', ');
    console.log(`ok   ${name}: ${turns.length} calls (${wires})${isReplayed(turns) ? ', thought returned' : ''}`);
    return;
  }
  process.exitCode = 1;
  console.log(`FAIL ${name}: ${failures.join('; ')}\n${output}`);
  for (const { wire, offered, seen, said } of turns) console.log({ wire, offered, seen, said });
}

const tools = installed();
if (tools) {
  const only = process.argv[2];
  const models = await startModels();
  const gateway = await startGateway(models.url);
  for (const [name, model] of Object.entries(ALIASES)) await gateway.newAlias(name, model);
  for (const [name, agent] of Object.entries(AGENTS))
    if (!only || name === only)
      for (const model of agent.models) await report(agent, model, { tools, gateway, models });
  await gateway.stop();
  await models.close();
}
