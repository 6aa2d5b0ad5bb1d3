// A webhook in a process of its own: reads what is posted, counts it, answers 204.

import { createServer } from 'node:http';
import { answerMessages } from '../harness.mjs';

let requests = 0;
let bytes = 0;
let last = '';

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    requests++;
    const body = Buffer.concat(chunks);
    bytes += body.length;
    last = body;
    response.writeHead(204).end();
  });
});
server.keepAliveTimeout = 60_000;
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

answerMessages(() => ({
  port: server.address().port,
  requests,
  bytes,
  last: last.toString(),
}));
