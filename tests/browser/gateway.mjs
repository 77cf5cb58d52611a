// A gateway on one machine with its pocket provider, as a process of its own.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A setting of the test run. */
export const setting = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: cargo xtask test sets it`);
  return value;
};

/** A port that was free a moment ago. */
const freePort = () => new Promise((resolve, reject) => {
  const server = createServer().once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/** Asks until the answer is a true one, for at most 20 seconds. */
export async function eventually(what, question) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** One gateway with a folder of its own. */
export class Gateway {
  static async start() {
    const gateway = new Gateway();
    gateway.folder = await mkdtemp(join(tmpdir(), 'gatelet-browser-'));
    [gateway.port, gateway.providerPort] = [await freePort(), await freePort()];
    gateway.address = `http://localhost:${gateway.port}`;
    gateway.provider = `http://127.0.0.1:${gateway.providerPort}`;
    await gateway.serve(['--provider-port', String(gateway.providerPort)]);
    return gateway;
  }

  /** A gateway behind something else that people open; `begin` starts that, given the gateway's port and its own. */
  static async behind(begin) {
    const gateway = new Gateway();
    gateway.folder = await mkdtemp(join(tmpdir(), 'gatelet-browser-'));
    [gateway.port, gateway.providerPort] = [await freePort(), await freePort()];
    const front = await freePort();
    gateway.address = `http://localhost:${front}`;
    gateway.provider = `http://127.0.0.1:${gateway.providerPort}`;
    await begin(gateway.port, front);
    await gateway.serve(['--provider-port', String(gateway.providerPort), '--base-url', gateway.address]);
    return gateway;
  }

  /** Starts the server on the folder, with the pocket provider or with a registry of the test's own. */
  async serve(more) {
    this.log = '';
    const words = ['serve', '--folder', join(this.folder, 'data'), '--port', String(this.port), ...more];
    this.server = spawn(join(setting('TEST_BINARIES'), 'gatelet'), words, { env: {} });
    this.ended = new Promise((resolve) => this.server.once('exit', resolve));
    for (const stream of [this.server.stdout, this.server.stderr]) {
      stream.on('data', (text) => { this.log += text; });
    }
    await eventually('the gateway answers', async () => {
      if (this.server.exitCode !== null) throw new Error(`the gateway ended:\n${this.log}`);
      // Its first key is made by the upkeep: until then there is no token to be had.
      const answer = await fetch(`${this.address}/.well-known/jwks.json`).catch(() => null);
      return answer?.ok;
    });
  }

  /** Starts it anew on the same folder with a registry in which this tenant has its home in another region. */
  async moveAway(tenant, region) {
    await this.halt();
    const registry = `
[regions]
here = "${this.address}"
there = "${region}"
[targets]
home = "/"
[roles]
admin = { scopes = ["me"] }
[providers.pocket]
kind = "oidc"
title = "Pocket provider"
issuer = "${this.provider}"
client_id = "gatelet"
client_secret = "provider-pocket"
tenant_claim = "org"
[tenants.${tenant}]
title = "Moved"
region = "there"
sign_in = [{ provider = "pocket", matches = ["${tenant}"] }]
roles = [{ role = "admin", groups = ["admins"] }]
`;
    const file = join(this.folder, 'registry.toml');
    await writeFile(file, registry);
    await this.serve(['--config', file]);
  }

  /** How many requests of this route were answered with this status. */
  answered(route, status) {
    const fits = (line) => line.includes(route) && line.includes(String(status)) && line.includes('answered a request');
    return this.log.split('\n').filter(fits).length;
  }

  async halt() {
    this.server.kill();
    await this.ended;
  }

  async stop() {
    await this.halt();
    await rm(this.folder, { recursive: true, force: true });
  }
}
