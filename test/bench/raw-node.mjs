// The reference: node:http in, undici out, nothing else. Argument: the provider's origin. Prints its port.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(process.argv[2], { connections: 256, headersTimeout: 60_000, bodyTimeout: 60_000 });
const HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length']);

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const headers = [];
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      if (!HOP.has(request.rawHeaders[i].toLowerCase())) headers.push(request.rawHeaders[i], request.rawHeaders[i + 1]);
    }
    pool.dispatch(
      {
        path: request.url,
        method: request.method,
        headers,
        body: chunks.length === 1 ? chunks[0] : Buffer.concat(chunks),
      },
      {
        onConnect() {},
        onHeaders(status, raw, resume) {
          const out = [];
          for (let i = 0; i < raw.length; i += 2) {
            const name = raw[i].latin1Slice();
            if (name !== 'connection' && name !== 'keep-alive' && name !== 'transfer-encoding')
              out.push(name, raw[i + 1].latin1Slice());
          }
          response.writeHead(status, out);
          this.resume = resume;
          return true;
        },
        onData(chunk) {
          if (response.write(chunk)) return true;
          response.once('drain', this.resume);
          return false;
        },
        onComplete() {
          response.end();
        },
        onError() {
          response.destroy();
        },
      },
    );
  });
});
process.on('SIGTERM', () => process.exit());
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
