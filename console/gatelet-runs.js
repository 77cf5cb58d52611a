// See docs/reference/browser-client.md

import { GateletError } from './gatelet.js';

const OVER = ['succeeded', 'failed', 'cancelled', 'timed_out', 'poisoned'];
const PASSING = ['unavailable', 'rate_limited', 'unexpected'];
const SILENCE = 45_000;

const pause = (seconds, signal) => new Promise((wake) => {
  const done = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', done);
    wake();
  };
  const timer = setTimeout(done, seconds * 1000);
  signal?.addEventListener('abort', done);
});

async function* sent(body, alive) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      const blocks = (rest + value).split(/\r?\n\r?\n/);
      rest = blocks.pop();
      for (const block of blocks) {
        const data = block.split(/\r?\n/).filter((line) => line.startsWith('data:')).map((line) => line.slice(5));
        if (data.length > 0) yield JSON.parse(data.join('\n'));
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

export function createRuns(gatelet, { base = '/api' } = {}) {
  async function ask(path, init) {
    const answer = await gatelet.fetch(base + path, init);
    if (!answer.ok) throw await GateletError.from(answer, gatelet.now());
    return answer;
  }

  async function run(name, { inputs = {}, connections = {} } = {}, { key = crypto.randomUUID(), signal } = {}) {
    const headers = { 'content-type': 'application/json', 'idempotency-key': `"${key}"` };
    const body = JSON.stringify({ inputs, connections });
    return (await ask(`/automations/${encodeURIComponent(name)}/runs`, { method: 'POST', headers, body, signal })).json();
  }

  async function* events(id, { after = 0, signal, told = () => {} } = {}) {
    const path = `/runs/${encodeURIComponent(id)}/events`;
    let tries = 0;
    for (;;) {
      signal?.throwIfAborted();
      const line = new AbortController();
      const cut = () => line.abort();
      let [timer, wait] = [0, 0];
      const alive = () => {
        clearTimeout(timer);
        timer = setTimeout(cut, SILENCE);
      };
      signal?.addEventListener('abort', cut);
      alive();
      try {
        const headers = { accept: 'text/event-stream, application/json;q=0.9' };
        const answer = await ask(`${path}?${new URLSearchParams({ after, wait: 20 })}`, { headers, signal: line.signal });
        const streams = answer.headers.get('content-type')?.startsWith('text/event-stream');
        const page = streams ? null : await answer.json();
        told(page ? { way: 'poll', every: page.every_s } : { way: 'stream' });
        tries = 0;
        for await (const event of page?.events ?? sent(answer.body, alive)) {
          if (event.seq <= after) continue;
          after = event.seq;
          yield event;
          if (event.kind === 'state' && OVER.includes(event.state)) return;
        }
        if (page && OVER.includes(page.state) && page.events.length === 0) return;
        wait = page ? (page.events.length > 0 ? 0 : page.every_s) : 1;
      } catch (error) {
        if (signal?.aborted || !(line.signal.aborted || error instanceof TypeError || PASSING.includes(error.code))) throw error;
        wait = Math.max(error.retryAt - gatelet.now() || 0, Math.min(30, 2 ** tries) * (1 - Math.random() / 2));
        tries += 1;
        told({ way: 'lost', wait });
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cut);
        cut();
      }
      await pause(wait, signal);
    }
  }

  return { run, events };
}
