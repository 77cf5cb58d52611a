// The application of docs/tutorials/sign-in-for-your-app.md in a real browser, behind its own server.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Browser, played } from './browser.mjs';
import { Gateway } from './gateway.mjs';

const APPLICATION = join(import.meta.dirname, '../../docs/examples/app');

let folder;
let server;
let gateway;
let browser;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatelet-application-'));
  await cp(APPLICATION, folder, { recursive: true });
  gateway = await Gateway.behind(async (port, front) => {
    const file = join(folder, 'serve.mjs');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll('8787', String(port)).replaceAll('9000', String(front)));
    server = spawn('node', [file], { env: { PATH: process.env.PATH } });
  });
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  server?.kill();
  await rm(folder, { recursive: true, force: true });
});

test('an application signs in, asks an API, and notices a sign-out in another tab', async () => {
  const person = await browser.person();
  await played(person, async () => {
    const page = await person.newPage();
    await page.goto(gateway.address);
    await page.getByText('Nobody is signed in.').waitFor();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('button[value="eda"]').click();
    await page.getByText('Eda, editor of Acme').waitFor();
    assert.equal(new URL(page.url()).origin, gateway.address, 'back where it began');

    await page.getByRole('button', { name: 'Ask the API who I am' }).click();
    await page.getByText('"role": "editor"').waitFor();

    const other = await person.newPage();
    await other.goto(gateway.address);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('Nobody is signed in.').waitFor();
    assert.equal(await page.locator('#answer').textContent(), '', 'nothing of the person stays in the page');
  });
});
