// A provider with minimal cost, so that it is never the bottleneck: no HTTP library, prepared responses.
// The request header `x-bench` names the workload. At the addresses of vendors with their own format it is the
// small one, or the burst for a stream. Prints its port.
import { createServer } from 'node:net';
import { WORKLOADS } from './answers.mjs';
import { VENDORS } from './vendor-answers.mjs';

const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const STREAM_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

const whole = (answer) =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(answer)}\r\nx-request-id: req_bench\r\n\r\n${answer}`,
  );
const burst = (events, type = 'text/event-stream') => {
  const bytes = Buffer.concat(events.map((event) => Buffer.from(event)));
  return Buffer.concat([
    Buffer.from(
      `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n${bytes.length.toString(16)}\r\n`,
    ),
    bytes,
    Buffer.from('\r\n0\r\n\r\n'),
  ]);
};

const ready = Object.fromEntries(
  Object.entries(WORKLOADS).map(([name, { answer, events, delayMs }]) => [
    name,
    answer ? { whole: whole(answer) } : { head: STREAM_HEAD, events: events.map(chunk), delayMs },
  ]),
);

const vendors = VENDORS.map((vendor) => ({
  path: vendor.path,
  whole: { whole: whole(JSON.stringify(vendor.whole)) },
  burst: { whole: burst(vendor.events, vendor.streamType) },
}));

function vendorAnswer(head, request) {
  const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' http/'));
  const vendor = vendors.find((each) => each.path.test(path));
  if (!vendor) return undefined;
  const streams = /stream/i.test(path) || request.includes('"stream":true');
  return streams ? vendor.burst : vendor.whole;
}

const HEAD_END = Buffer.from('\r\n\r\n');

const server = createServer((socket) => {
  let pending = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    pending = pending.length ? Buffer.concat([pending, data]) : data;
    for (;;) {
      const end = pending.indexOf(HEAD_END);
      if (end < 0) return;
      const head = pending.latin1Slice(0, end).toLowerCase();
      let total = end + 4;
      const length = /\r\ncontent-length: (\d+)/.exec(head);
      if (length) total += Number(length[1]);
      else if (head.includes('transfer-encoding: chunked')) {
        const last = pending.indexOf('\r\n0\r\n\r\n', end + 2);
        if (last < 0) return;
        total = last + 7;
      }
      if (pending.length < total) return;
      const request = pending.subarray(0, total);
      pending = pending.subarray(total);
      const bench = /\r\nx-bench: (\w+)/.exec(head)?.[1];
      answer(socket, vendorAnswer(head, request) ?? ready[bench ?? 'small']);
    }
  });
});

function answer(socket, { whole, head, events, delayMs }) {
  if (whole) return socket.write(whole);
  if (delayMs === 0) return socket.write(head + events.join('') + '0\r\n\r\n');
  socket.write(head);
  let i = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer);
    socket.write(events[i++]);
    if (i < events.length) return;
    clearInterval(timer);
    socket.write('0\r\n\r\n');
  }, delayMs);
}

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
