// axe-core in a world of its own beside the page's: the page's policy stays on, and the page never sees axe.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { setting } from './gateway.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const source = await readFile(join(setting('TEST_AXE'), 'axe.min.js'), 'utf8');

/** What runs beside the page: what axe found, a line for each element. */
const look = `(async () => {
  const answer = await axe.run(document, { runOnly: { type: 'tag', values: ${JSON.stringify(TAGS)} } });
  const line = ({ id, help }, { target, any, all, none }) =>
    id + ' at ' + target.join(' ') + ': ' + ([...any, ...all, ...none].map(({ message }) => message).join('; ') || help);
  const unsure = answer.incomplete.filter(({ id }) => id !== 'color-contrast-enhanced');
  return {
    rules: answer.passes.length,
    found: answer.violations.flatMap((rule) => rule.nodes.map((node) => line(rule, node))),
    unsure: unsure.flatMap((rule) => rule.nodes.map((node) => line(rule, node))),
  };
})()`;

/** axe beside one page. It goes with the document, so a new one is needed after each navigation. */
export class Axe {
  static async beside(page) {
    const axe = new Axe();
    axe.session = await page.context().newCDPSession(page);
    const { frameTree } = await axe.session.send('Page.getFrameTree');
    const world = { frameId: frameTree.frame.id, worldName: 'axe' };
    const { executionContextId } = await axe.session.send('Page.createIsolatedWorld', world);
    axe.contextId = executionContextId;
    await axe.evaluate(`${source}; undefined`);
    return axe;
  }

  async evaluate(expression) {
    const question = { expression, contextId: this.contextId, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.session.send('Runtime.evaluate', question);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** What it found in the page as it is now, and what it could not decide. */
  async findings() {
    const { rules, found, unsure } = await this.evaluate(look);
    if (rules < 5) throw new Error(`axe looked at next to nothing: ${rules} rules`);
    return [...found, ...unsure.map((line) => `undecided: ${line}`)];
  }

  async leave() {
    await this.session.detach();
  }
}
