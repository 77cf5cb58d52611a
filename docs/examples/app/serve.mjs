// A development server: a page of yours and the gateway under one address. node serve.mjs
import { createReadStream } from 'node:fs';
import http from 'node:http';

const GATEWAY = { host: '127.0.0.1', port: 8787 };
// What the gateway answers itself. Everything else is the application's.
const ITS_OWN = /^\/(auth|api|assets|\.well-known|sign-in|choose-tenant|error)(\/|\?|$)/;
const FILES = { '/': 'index.html', '/app.js': 'app.js' };
const KINDS = { html: 'text/html; charset=utf-8', js: 'text/javascript' };
// As strict as the gateway's own pages: no script but from here, nothing inline.
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

function pass(request, response) {
  const { method, url: path, headers } = request;
  // `Host` goes through as it came: the gateway compares it with its base address.
  const through = http.request({ ...GATEWAY, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  through.on('error', () => response.writeHead(503).end());
  request.pipe(through);
}

const server = http.createServer((request, response) => {
  const file = FILES[request.url.split('?')[0]];
  if (ITS_OWN.test(request.url)) {
    pass(request, response);
  } else if (file) {
    const kind = KINDS[file.split('.').pop()];
    response.writeHead(200, { 'content-type': kind, 'content-security-policy': POLICY });
    createReadStream(new URL(file, import.meta.url)).pipe(response);
  } else {
    response.writeHead(404).end('There is no such page.\n');
  }
});
server.listen(9000, 'localhost', () => console.log('The application is at http://localhost:9000'));
