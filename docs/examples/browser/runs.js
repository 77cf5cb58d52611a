// A run from its start to its result, with each line that its script writes.
import { createRuns } from '/assets/gatelet-runs.js';
import { gatelet } from './client.js';

const runs = createRuns(gatelet);
const { id } = await runs.run('access-review', { inputs: { accounts: 'u-1', days: 90 } });
const lines = [];
for await (const event of runs.events(id)) {
  if (event.kind === 'log') lines.push(...event.lines);
  if (event.kind === 'state') document.querySelector('main').textContent = `${event.state}: ${lines.join(', ')}`;
}
