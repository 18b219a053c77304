// The load generator: `concurrency` kept-alive connections, each with one request under way, for `seconds`. Plain
// sockets, so that it costs little. Argument: JSON. Prints JSON: requests, failures, seconds, latencies in ms.
// `forms` are sent in place of a workload; one that refreshes goes on with the refresh token that it was answered, and
// where each has got to is printed as `forms`.
import { connect } from 'node:net';
import { WORKLOADS } from './answers.mjs';

const { port, path, headers, workload, forms, concurrency, seconds, warmup = 0 } = JSON.parse(process.argv[2]);
const isStream = Boolean(WORKLOADS[workload]?.events);
const lines = Object.entries({
  host: `127.0.0.1:${port}`,
  'content-type': 'application/json',
  accept: 'application/json',
  'x-bench': workload,
  ...headers,
});
const head = `POST ${path} HTTP/1.1\r\n${lines.map(([k, v]) => `${k}: ${v}\r\n`).join('')}`;
const requestOf = (body) => Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
const bodies = Array.from({ length: concurrency }, (_, i) =>
  forms ? forms[i % forms.length] : WORKLOADS[workload].request,
);

const REFRESH_TOKEN = /llm_rt_[\w-]+/;
const isRefreshing = Boolean(forms && REFRESH_TOKEN.test(forms[0]));

let measuring = false;
let stopped = false;
let requests = 0;
let failures = 0;
let firstFailure = '';
const total = [];
const first = [];

let open = 0;

function client(i) {
  let request = requestOf(bodies[i]);
  open++;
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let startedAt = 0;
  let firstAt = 0;
  let received = [];
  let receivedBytes = 0;
  let expected = -1;
  const send = () => {
    if (stopped) return socket.destroy();
    startedAt = performance.now();
    firstAt = 0;
    received = [];
    receivedBytes = 0;
    expected = -1;
    socket.write(request);
  };
  const done = (ok) => {
    if (isRefreshing) {
      const [token] = REFRESH_TOKEN.exec(Buffer.concat(received).toString('latin1')) ?? [''];
      bodies[i] = bodies[i].replace(REFRESH_TOKEN, token);
      request = requestOf(bodies[i]);
    }
    if (measuring) {
      requests++;
      if (!ok) failures++;
      total.push(performance.now() - startedAt);
      first.push(firstAt - startedAt);
    }
    send();
  };
  socket.on('connect', send);
  socket.on('close', () => open--);
  socket.on('error', (error) => {
    firstFailure ||= String(error);
    failures++;
    if (!stopped) setTimeout(client, 50, i);
  });
  socket.on('data', (data) => {
    received.push(data);
    receivedBytes += data.length;
    if (expected < 0) {
      const head = Buffer.concat(received).toString('latin1', 0, 4096);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!head.startsWith('HTTP/1.1 200')) {
        firstFailure ||= head.slice(0, 400);
      }
      const length = /\r\ncontent-length: (\d+)/i.exec(head);
      expected = length ? end + 4 + Number(length[1]) : Infinity;
      if (receivedBytes === end + 4 && isStream) return;
    }
    firstAt ||= performance.now();
    if (expected === Infinity) {
      if (data.toString('latin1', Math.max(0, data.length - 5)) === '0\r\n\r\n') done(!firstFailure);
    } else if (receivedBytes >= expected) done(!firstFailure);
  });
}

for (let i = 0; i < concurrency; i++) client(i);
await new Promise((resolve) => setTimeout(resolve, warmup * 1000));
measuring = true;
const cpuBefore = process.cpuUsage();
const began = performance.now();
process.send?.('measuring');
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
measuring = false;
const elapsed = (performance.now() - began) / 1000;
process.send?.('measured');
const cpu = process.cpuUsage(cpuBefore);
stopped = true;
// A refresh token whose answer is not waited for is lost.
while (isRefreshing && open > 0) await new Promise((resolve) => setTimeout(resolve, 10));
const quantile = (values, q) =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? null;
console.log(
  JSON.stringify({
    requests,
    failures,
    firstFailure,
    seconds: elapsed,
    loadCpu: (cpu.user + cpu.system) / 1e6 / elapsed,
    p50: quantile(total, 0.5),
    p99: quantile(total, 0.99),
    first50: quantile(first, 0.5),
    ...(isRefreshing ? { forms: bodies } : {}),
  }),
);
process.exit(0);
