// The load generator: `concurrency` kept-alive connections, each with one request under way, for `seconds`. Plain
// sockets, so that it costs little. Argument: JSON. Prints JSON: requests, failures, seconds, latencies in ms.
import { connect } from 'node:net';
import { WORKLOADS } from './answers.mjs';

const { port, path, headers, workload, concurrency, seconds, warmup = 0 } = JSON.parse(process.argv[2]);
const body = WORKLOADS[workload].request;
const isStream = Boolean(WORKLOADS[workload].events);
const lines = Object.entries({
  host: `127.0.0.1:${port}`,
  'content-type': 'application/json',
  accept: 'application/json',
  'x-bench': workload,
  ...headers,
});
const request = Buffer.from(
  `POST ${path} HTTP/1.1\r\n${lines.map(([k, v]) => `${k}: ${v}\r\n`).join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
);

let measuring = false;
let stopped = false;
let requests = 0;
let failures = 0;
let firstFailure = '';
const total = [];
const first = [];

function client() {
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
    if (measuring) {
      requests++;
      if (!ok) failures++;
      total.push(performance.now() - startedAt);
      first.push(firstAt - startedAt);
    }
    send();
  };
  socket.on('connect', send);
  socket.on('error', (error) => {
    firstFailure ||= String(error);
    failures++;
    if (!stopped) setTimeout(client, 50);
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

for (let i = 0; i < concurrency; i++) client();
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
  }),
);
process.exit(0);
