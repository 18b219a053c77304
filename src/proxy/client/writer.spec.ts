import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { openAiDialect } from '../../providers/dialects/openai.dialect.js';
import { ClientWriter } from './writer.js';

let server: Server;
let handle: (response: ServerResponse) => void;
beforeAll(async () => {
  server = createServer((_, response) => handle(response.writeHead(200)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/**
 * Resolves with the response that `write` sends, as its client receives it: pieces of content, and whether it was
 * complete.
 */
async function answered(
  write: (writer: ClientWriter, response: ServerResponse) => void,
  onDrain: () => void = () => undefined,
): Promise<{ message: IncomingMessage; text: () => Promise<string> }> {
  handle = (response) => write(new ClientWriter(response, null, onDrain), response);
  const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false });
  const [message] = (await once(request, 'response')) as [IncomingMessage];
  message.on('error', () => undefined);
  return {
    message,
    text: async () => {
      let text = '';
      message.on('data', (chunk: Buffer) => (text += chunk.toString()));
      await new Promise((resolve) => message.once('close', resolve));
      return text;
    },
  };
}

it('chunks of one turn and the end are sent in the order of writing', async () => {
  const { message, text } = await answered((writer) => {
    for (const piece of ['a', Buffer.from('b'), '', 'ü', new Uint8Array([0x64])])
      expect(writer.write(piece)).toBe(true);
    writer.end();
  });
  expect([await text(), message.complete]).toEqual(['abüd', true]);
});

it('each turn is written to the response in one piece', async () => {
  const writes: unknown[] = [];
  const { text } = await answered((writer, response) => {
    const write = response.write.bind(response) as (bytes: Uint8Array) => boolean;
    response.write = ((bytes: Uint8Array) => {
      writes.push(Buffer.from(bytes).toString());
      return write(bytes);
    }) as never;
    writer.write('a');
    writer.write('b');
    setImmediate(() => {
      writer.write('c');
      setImmediate(() => writer.end());
    });
  });
  expect(await text()).toBe('abc');
  expect(writes).toEqual(['ab', 'c']);
});

it('a response without content ends', async () => {
  const { message, text } = await answered((writer) => writer.end());
  expect([await text(), message.complete]).toEqual(['', true]);
});

it('a slow client pauses the source and receives everything in the end', async () => {
  const piece = 'x'.repeat(1_000);
  let sent = 0;
  let refusals = 0;
  let goOn: () => void = () => undefined;
  const { message, text } = await answered(
    (writer) => {
      goOn = () => {
        while (sent < 20_000_000) {
          sent += piece.length;
          if (!writer.write(piece)) return void refusals++;
        }
        writer.end();
      };
      goOn();
    },
    () => goOn(),
  );
  expect((await text()).length).toBe(20_000_000);
  expect(message.complete).toBe(true);
  expect(refusals).toBeGreaterThan(1);
});

it('breakOff aborts the response after the last event without losing earlier chunks', async () => {
  const { message, text } = await answered((writer) => {
    writer.write('a');
    writer.breakOff('b');
  });
  expect([await text(), message.complete]).toEqual(['ab', false]);
});

it.each([false, true])(
  'endWith replaces the buffered final event and completes the response (cut: %s)',
  async (isCut) => {
    const { message, text } = await answered((writer) => {
      writer.bufferFinalEvent(openAiDialect, 'events');
      writer.write('data: a\n\n');
      writer.write('data: [DONE]\n\n');
      writer.endWith('data: b\n\n', isCut);
    });
    expect([await text(), message.complete]).toEqual(['data: a\n\ndata: b\n\n', true]);
  },
);

it.each([
  [[], 'nothing'],
  [['data: a\n\n'], 'whole events'],
  [['data: a\r\n', '\r\n'], 'whole events'],
  [['data: a\r\r'], 'whole events'],
  [['data: a\n\n', ': keep-alive\n'], 'whole events'],
  [[': keep-alive\n', Buffer.from(': keep-alive\n')], 'whole events'],
  [['data: a\n'], 'part of an event'],
  [['data: a\n\ndata: b'], 'part of an event'],
  [['data: a\n\n', 'event: x\n: comment\n'], 'part of an event'],
] as const)('the position after %j is %s', async (pieces, position) => {
  const seen: unknown[] = [];
  const { text } = await answered((writer) => {
    for (const piece of pieces) writer.write(piece);
    seen.push(writer.getPosition('events'));
    setImmediate(() => {
      seen.push(writer.getPosition('events'));
      writer.end();
    });
  });
  await text();
  expect(seen).toEqual([position, position]);
});

it('a destroyed response receives no more writes and raises no error', async () => {
  const failures: unknown[] = [];
  const { text, message } = await answered((writer, response) => {
    response.on('error', (error) => failures.push(error));
    response.flushHeaders();
    setImmediate(() => {
      writer.write('a');
      response.destroy();
    });
  });
  expect([await text(), message.complete, failures]).toEqual(['', false, []]);
});
