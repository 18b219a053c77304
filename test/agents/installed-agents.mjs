// The published agents, installed from npm, and how each is configured for the gateway. No file of theirs is changed.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VERSIONS = { '@openai/codex': '0.169.0', 'opencode-ai': '1.18.33' };
const RUN_MS = 120_000;

/** A closed port, for all other requests of an agent. */
const NOWHERE = 'http://127.0.0.1:9';

/** Returns the folder in which both are installed; prints the reason and returns null when that fails. */
export function installed() {
  const directory = join(tmpdir(), `gatehouse-agents-${Object.values(VERSIONS).join('-')}`);
  try {
    if (!existsSync(join(directory, 'node_modules/.bin/opencode'))) {
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, 'package.json'), JSON.stringify({ private: true, dependencies: VERSIONS }));
      execFileSync('npm', ['install', '--no-audit', '--no-fund'], { cwd: directory, stdio: 'pipe' });
    }
    return directory;
  } catch (error) {
    console.log(`The agents cannot be installed: ${error.message.split('\n')[0]}`);
    return null;
  }
}

/** Runs a command to its end. */
function run(command, args, { cwd, env }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    const killer = setTimeout(() => child.kill('SIGKILL'), RUN_MS);
    child.once('close', (code) => {
      clearTimeout(killer);
      resolve({ code, output });
    });
  });
}

const environment = (home, more) => ({
  PATH: process.env.PATH,
  HOME: home,
  TERM: 'dumb',
  HTTP_PROXY: NOWHERE,
  HTTPS_PROXY: NOWHERE,
  NO_PROXY: '127.0.0.1,localhost',
  ...more,
});

/** `run` returns exit code and output. `directory`: the working directory; `home`: the folder of the settings. */
export const AGENTS = {
  codex: {
    title: `Codex ${VERSIONS['@openai/codex']}`,
    /** Whether the agent returns thoughts with their signatures. */
    replays: true,
    models: ['openai:gpt-5.4', 'anthropic:claude-sonnet-5', 'gemini:gemini-2.5-flash', 'gpt-5.4'],
    async run({ tools, home, directory, baseUrl, key, model, task }) {
      mkdirSync(join(home, '.codex'), { recursive: true });
      writeFileSync(
        join(home, '.codex/config.toml'),
        `model = "${model}"
model_provider = "gatehouse"
check_for_update_on_startup = false

[analytics]
enabled = false

[model_providers.gatehouse]
name = "Gatehouse"
base_url = "${baseUrl}"
wire_api = "responses"
env_key = "VIRTUAL_KEY"
request_max_retries = 0
stream_max_retries = 0
`,
      );
      const args = ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', task];
      const env = environment(home, { CODEX_HOME: join(home, '.codex'), VIRTUAL_KEY: key });
      return run(join(tools, 'node_modules/.bin/codex'), args, { cwd: directory, env });
    },
  },
  opencode: {
    title: `opencode ${VERSIONS['opencode-ai']}`,
    models: ['openai:gpt-5.4', 'anthropic:claude-sonnet-5', 'gemini:gemini-2.5-flash'],
    async run({ tools, home, directory, baseUrl, key, model, task }) {
      const provider = {
        npm: '@ai-sdk/openai-compatible',
        name: 'Gatehouse',
        options: { baseURL: baseUrl, apiKey: '{env:VIRTUAL_KEY}' },
        models: { [model]: { name: model } },
      };
      writeFileSync(
        join(directory, 'opencode.json'),
        JSON.stringify({ provider: { gatehouse: provider }, autoupdate: false, share: 'disabled' }),
      );
      const env = environment(home, { VIRTUAL_KEY: key, OPENCODE_DISABLE_MODELS_FETCH: '1' });
      const args = ['run', '--model', `gatehouse/${model}`, task];
      return run(join(tools, 'node_modules/.bin/opencode'), args, { cwd: directory, env });
    },
  },
};
