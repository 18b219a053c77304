// `npm run bench`: what a request costs, compared with a direct call and other gateways in one run. `--short`: only the
// CPU ratio to raw Node, and exit code 1 when it is far too high (as CI runs it). See README.md.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  direct,
  firstLine,
  nginx,
  pinned,
  portkey,
  portkeyToAnthropic,
  rawNode,
  startGatehouse,
} from './contenders.mjs';

const here = import.meta.dirname;
const short = process.argv.includes('--short');
const tokensOnly = process.argv.includes('--tokens');
const routerOnly = process.argv.includes('--router');
const coldOnly = process.argv.includes('--cold');
const governedOnly = process.argv.includes('--governed');
const revocationOnly = process.argv.includes('--revocation');
const SECONDS = Number(process.env.BENCH_SECONDS || (short ? 3 : 5));
const ROUNDS = Number(process.env.BENCH_ROUNDS || 3);
// The limit above which CI fails. It is far above the target: on two shared cores, with the database beside the process
// under test, single ratios doubled between runs. The best round of each contender counts.
const SHORT_LIMIT = 8;
const TOKEN_CONNECTIONS = 10;
const nodeMajor = Number(process.versions.node.split('.')[0]);
const TICKS_PER_SECOND = 100; // getconf CLK_TCK on every Linux that matters

/** CPU seconds that the processes have used so far, all threads, user and system (proc(5), fields 14 and 15). */
function cpuSeconds(pids) {
  let ticks = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_PER_SECOND;
}

const rssMiB = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** One run of the load generator against a contender. CPU in µs per request. */
async function run(target, workload, concurrency, seconds = SECONDS) {
  const options = {
    port: target.port,
    path: target.path,
    headers: target.headers,
    forms: target.forms,
    model: target.model,
    workload,
    concurrency,
    seconds,
    warmup: 1,
  };
  const child = fork(join(here, 'load.mjs'), [JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let before = 0;
  let used = 0;
  child.on('message', (message) => {
    if (message === 'measuring') before = cpuSeconds(target.pids);
    else used = cpuSeconds(target.pids) - before;
  });
  const out = [];
  child.stdout.on('data', (data) => out.push(data));
  await new Promise((resolve) => child.once('close', resolve));
  const result = JSON.parse(Buffer.concat(out).toString());
  if (result.forms) target.forms = result.forms;
  if (result.failures > 0) throw new Error(`${result.failures} requests failed: ${result.firstFailure}`);
  return { ...result, cpuMicros: (used * 1e6) / result.requests, perSecond: result.requests / result.seconds };
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Runs the contenders in turn, ROUNDS times, and returns medians. */
async function measure(targets, workload, concurrency) {
  const results = new Map(targets.map((target) => [target.name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const target of targets) results.get(target.name).push(await run(target, workload, concurrency));
  }
  const figure = (name, key) => median(results.get(name).map((result) => result[key]));
  return Object.fromEntries(
    targets.map(({ name }) => [
      name,
      {
        ...Object.fromEntries(
          ['cpuMicros', 'perSecond', 'p50', 'p99', 'first50', 'loadCpu'].map((key) => [key, figure(name, key)]),
        ),
        leastCpuMicros: Math.min(...results.get(name).map(({ cpuMicros }) => cpuMicros)),
      },
    ]),
  );
}

const mock = pinned(1, process.execPath, [join(here, 'mock-provider.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
const mockPort = Number(await firstLine(mock));
const gatehouse = await startGatehouse(mockPort);
const ours = Object.entries(gatehouse.ways).map(([name, way]) => ({
  name: `gatehouse ${name}`,
  pids: gatehouse.pids,
  port: gatehouse.port,
  ...way,
}));
const others = [];
for (const contender of tokensOnly || routerOnly || coldOnly || governedOnly
  ? []
  : short
    ? [rawNode]
    : [direct, rawNode, nginx, portkey]) {
  const started = await contender.start(mockPort);
  if (started) others.push({ name: contender.name, ...started });
  else console.log(`${contender.name}: not installed, left out`);
}

const rows = [];
const say = (workload, what, value, target, ok) =>
  rows.push({ workload, what, value, target, ok: ok === undefined ? '' : ok ? 'met' : 'missed' });
const fixed = (value, digits = 2) => value.toFixed(digits);

function compare(label, results, rawTarget, { throughput = null } = {}) {
  const raw = results['raw Node'].cpuMicros;
  for (const { name } of ours) {
    const mine = results[name];
    say(
      label,
      `${name}: CPU / raw Node`,
      fixed(mine.cpuMicros / raw),
      `≤ ${rawTarget}`,
      mine.cpuMicros / raw <= rawTarget,
    );
    if (results.nginx && label.startsWith('small')) {
      say(
        label,
        `${name}: CPU / nginx`,
        fixed(mine.cpuMicros / results.nginx.cpuMicros),
        '≤ 4',
        mine.cpuMicros / results.nginx.cpuMicros <= 4,
      );
    }
    if (results.Portkey && throughput) {
      const ratio = mine.perSecond / results.Portkey.perSecond;
      say(label, `${name}: throughput / Portkey`, fixed(ratio, 1), `≥ ${throughput}`, ratio >= throughput);
    }
  }
}

function print(label, results) {
  console.log(`\n${label}`);
  console.table(
    Object.fromEntries(
      Object.entries(results).map(([name, r]) => [
        name,
        {
          'CPU µs/request': fixed(r.cpuMicros, 1),
          'requests/s': Math.round(r.perSecond),
          'p50 ms': fixed(r.p50),
          'p99 ms': fixed(r.p99),
          'first byte p50 ms': fixed(r.first50),
          'load generator CPU': fixed(r.loadCpu),
        },
      ]),
    ),
  );
}

try {
  console.log(
    `Node ${process.versions.node}, records in ${gatehouse.database}, ${ROUNDS} rounds of ${SECONDS} s, medians`,
  );
  if (revocationOnly) await measureRevocation();
  else if (tokensOnly) await measureTokens();
  else if (routerOnly) await measureRouter();
  else if (coldOnly) await measureCold();
  else if (governedOnly) await measureGoverned();
  else await measureCalls();
  console.log();
  console.table(rows);
} finally {
  for (const other of others) other.stop();
  await gatehouse.stop();
  mock.kill();
}

async function measureCalls() {
  const smallTarget = nodeMajor >= 24 ? 1.5 : 1.8;
  // A process that has just started still compiles its code, which must not count for the first contender.
  for (const target of [...ours, ...ours]) await run(target, 'small', 50, 2);
  const small = await measure([...others, ...ours], 'small', 50);
  print('small chat, 50 connections', small);
  compare('small chat, c=50', small, smallTarget, { throughput: nodeMajor >= 24 ? 6 : 15 });
  if (!short) await measureTheRest(smallTarget);
  const leastRatio = ({ name }) => small[name].leastCpuMicros / small['raw Node'].leastCpuMicros;
  if (short && ours.some((target) => leastRatio(target) > SHORT_LIMIT)) {
    console.error(`the CPU ratio to raw Node is above ${SHORT_LIMIT}`);
    process.exitCode = 1;
  }
}

async function measureTheRest() {
  for (const [concurrency, bound] of [
    [1, 0.25],
    [10, 1],
  ]) {
    const results = await measure([...others, ...ours], 'small', concurrency);
    print(`small chat, ${concurrency} connections`, results);
    for (const { name } of ours) {
      const added = results[name].p50 - results.direct.p50;
      say(`small chat, c=${concurrency}`, `${name}: added p50, ms`, fixed(added), `≤ ${bound}`, added <= bound);
    }
  }
  const large = await measure([...others, ...ours], 'large', 50);
  print('32 KB up, 8 KB down, 50 connections', large);
  compare('32 KB up, 8 KB down', large, 1.6, { throughput: 6 });

  const stream = await measure([...others, ...ours], 'stream', 50);
  print('stream of 20 events 10 ms apart, 50 connections (CPU per stream)', stream);
  compare('stream, 20 events', stream, 1.4);
  for (const { name } of ours) {
    const later = stream[name].first50 - stream.direct.first50;
    say('stream, 20 events', `${name}: first content later, ms`, fixed(later), '≤ 0.5', later <= 0.5);
  }

  const burst = await measure([...others, ...ours], 'burst', 10);
  print('burst of 500 events, 10 connections (CPU per stream)', burst);
  for (const { name } of ours)
    say(
      'burst stream',
      `${name}: CPU µs per event`,
      fixed(burst[name].cpuMicros / 502),
      '≤ 1',
      burst[name].cpuMicros / 502 <= 1,
    );

  say('memory', 'MiB after the load', fixed(rssMiB(gatehouse.pids[0]), 0), '≤ 200', rssMiB(gatehouse.pids[0]) <= 200);
  await measureRouter();
  await measureGoverned();
  await measureTokens();
  await measureCold();
  await measureRevocation();
}

/** Measures the Model Router and the provider route with the same key: forwarded bytes, and each translation. */
async function measureRouter() {
  const there = { pids: gatehouse.pids, port: gatehouse.port };
  const routed = Object.entries(gatehouse.routed).map(([name, way]) => ({
    name: `router → ${name}`,
    ...there,
    ...way,
  }));
  const route = { ...ours.find(({ name }) => name === 'gatehouse virtual-key'), name: 'provider route' };
  const peers = [await portkey.start(mockPort), await portkeyToAnthropic.start(mockPort)].filter(
    (peer) => peer !== null,
  );
  const named = peers.map((peer, i) => ({ name: i === 0 ? 'Portkey' : 'Portkey → Anthropic', ...peer }));
  try {
    const targets = [route, ...routed, ...named];
    for (const target of [...targets, ...targets]) await run(target, 'small', 20, 1);
    const small = await measure(targets, 'small', 20);
    print('Model Router, small chat, 20 connections', small);
    const burst = await measure(targets, 'burst', 5);
    print('Model Router, burst of 500 events, 5 connections (CPU per stream)', burst);
    for (const { name } of routed) {
      const isPassed = name.endsWith('OpenAI');
      const more = small[name].cpuMicros - small[route.name].cpuMicros;
      say(
        'Model Router, small chat',
        `${name}: CPU µs more`,
        fixed(more, 0),
        isPassed ? '≤ 10' : '≤ 60',
        more <= (isPassed ? 10 : 60),
      );
      const perEvent = (burst[name].cpuMicros - burst[route.name].cpuMicros) / 502;
      if (!isPassed)
        say('Model Router, burst', `${name}: CPU µs more per event`, fixed(perEvent), '≤ 6', perEvent <= 6);
    }
  } finally {
    for (const peer of peers) peer.stop();
  }
}

/** Measures the cost of guardrails, limits, content capture and strict audit, each alone and together, with one key. */
async function measureGoverned() {
  const plain = { ...ours.find(({ name }) => name === 'gatehouse virtual-key'), name: 'none of it' };
  const ways = Object.entries(await gatehouse.governed());
  const governed = ways.map(([name, way]) => ({ name, pids: gatehouse.pids, port: gatehouse.port, ...way }));
  const targets = [plain, ...governed];
  for (const target of [...targets, ...targets]) await run(target, 'small', 20, 1);
  for (const [workload, label, connections] of [
    ['small', 'small chat', 20],
    ['large', '32 KB up, 8 KB down', 20],
    ['burst', 'burst of 500 events', 5],
  ]) {
    const results = await measure(targets, workload, connections);
    print(`governed, ${label}, ${connections} connections`, results);
    for (const { name } of governed) {
      const more = results[name].cpuMicros - results[plain.name].cpuMicros;
      const ratio = results[name].cpuMicros / results[plain.name].cpuMicros;
      say(`governed, ${label}`, `${name}: CPU µs more (ratio)`, `${fixed(more, 0)} (${fixed(ratio)})`, '–');
    }
  }
}

/** Measures the token endpoint; each response is a token in the database and an audit entry. */
async function measureTokens() {
  const { client_credentials: clientCredentials, refresh_token: refreshing } = gatehouse.grants;
  const there = { pids: gatehouse.pids, port: gatehouse.port };
  const targets = [
    { name: 'client_credentials', ...there, ...clientCredentials },
    { name: 'refresh_token', ...there, ...(await refreshing(TOKEN_CONNECTIONS)) },
  ];
  for (const target of targets) await run(target, 'token', TOKEN_CONNECTIONS, 2);
  const results = await measure(targets, 'token', TOKEN_CONNECTIONS);
  print(`token endpoint, ${TOKEN_CONNECTIONS} connections`, results);
  for (const { name } of targets) {
    say('token endpoint', `${name}: tokens/s`, fixed(results[name].perSecond, 0), '–');
    say('token endpoint', `${name}: CPU µs`, fixed(results[name].cpuMicros, 0), '–');
  }
}

/**
 * Measures the first call of a credential that this process has not cached: one database query for a key; for a token
 * of an identity provider also the verification of a signature with a known key.
 */
async function measureCold() {
  await measureColdBy('virtual-key', async () => (await gatehouse.newKey()).value);
  await measureColdBy('idp-jwt', gatehouse.newJwt);
}

async function measureColdBy(name, newCredential) {
  const times = [];
  // Not counted: the first calls, for which this code is still being compiled.
  for (let i = -100; i < 300; i++) {
    const value = await newCredential();
    const answer = await fetch(`${gatehouse.url}/v1/openai/models`, {
      headers: { authorization: `Bearer ${value}`, 'x-bench': 'small' },
    });
    await answer.text();
    if (i >= 0) times.push(Number(/auth;dur=([\d.]+)/.exec(answer.headers.get('server-timing'))[1]));
  }
  times.sort((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)];
  say('cold principal', `${name}: auth p50, ms`, fixed(times[times.length / 2]), '–');
  say('cold principal', `${name}: auth p99, ms`, fixed(p99), '≤ 3', p99 <= 3);
}

/** Measures the time from the admin's request to one process until another, which has cached the key, refuses it. */
async function measureRevocation() {
  const other = await gatehouse.startAnother();
  if (!other) return console.log('revocation: needs two processes on one PostgreSQL, left out');
  const times = [];
  for (let i = 0; i < 200; i++) {
    const { id, value } = await gatehouse.newKey();
    const call = async () => {
      const answer = await fetch(`${other.url}/v1/openai/models`, {
        headers: { authorization: `Bearer ${value}`, 'x-bench': 'small' },
      });
      await answer.text();
      return answer.status;
    };
    if ((await call()) !== 200) throw new Error('a new key was refused');
    const revokedAt = performance.now();
    const revoked = fetch(`${gatehouse.url}/api/llm-virtual-keys/${id}/revoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gatehouse.adminKey}` },
    });
    while ((await call()) !== 401);
    times.push(performance.now() - revokedAt);
    if ((await revoked).status !== 200) throw new Error('the revocation was refused');
  }
  await other.stop();
  times.sort((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)];
  say('revocation, other process', 'revoked → 401, p99, ms', fixed(p99, 1), '≤ 250', p99 <= 250);
}
