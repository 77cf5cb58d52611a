// One run, live: where it stands, what needs you, its steps, what came out, what it said, and its facts.

import { Action, Problem } from '../parts/controls.js';
import { Log } from '../parts/log.js';
import { Page, Wait } from '../parts/page.js';
import { Badge } from '../parts/runs.js';
import { at, download, inside, post } from '../shell/api.js';
import { useRun } from '../shell/live.js';
import { may, mine } from '../shell/session.js';
import { html } from '../vendor/preact.js';
import { isOver, stateOf } from '../words/states.js';
import { asker, count, percent, text } from '../words/text.js';
import { Exact } from '../words/time.js';
import { RunFacts } from './run-facts.js';
import { Failure, Outcome } from './run-needs.js';
import { Artifacts, Result } from './run-result.js';
import { Steps } from './run-steps.js';

/** @typedef {import('../shell/live.js').Followed} Followed */
/** @typedef {import('../gatelet-runs.js').Run} Run */

/** How news comes, in a word. @param {Followed} followed */
function way({ way: now, every }) {
  return { asking: '', over: '', stream: 'Live', poll: `Every ${every} s`, lost: 'Not connected, trying again', paused: 'Paused' }[now];
}

/** @param {{ progress: NonNullable<Followed['progress']> }} props */
function Progress({ progress: { done, of, text: what } }) {
  const words = of ? `${count(done)} of ${count(of)}` : count(done);
  return html`<p class="progress"><progress aria-label="Progress" value=${of ? done : null} max=${of || null}></progress> ${words} ${text(what)}</p>`;
}

/** @param {{ run: Run, again: () => Promise<void> }} props */
function Acts({ run, again }) {
  const { tenant } = mine();
  const cancel = async () => {
    await post(`${at('runs', run.id)}/cancel`);
    await again();
  };
  const isAsked = run.cancel_requested && !isOver(run);
  return html`
    <div class="actions">
      ${run.can.cancel.allowed && !isAsked && html`<${Action} does=${cancel} what="The run was not cancelled" doing="Cancelling…" done="The run was asked to end.">Cancel run<//>`}
      ${run.can.run_again.allowed && may('runs:write') && html`<a class="button" href=${`${inside(tenant, 'automations', text(run.automation.name))}?from=${encodeURIComponent(run.id)}`}>Run again…</a>`}
    </div>
    ${isAsked && html`<p>Waiting for the script to end. What it did until then stands in the steps.</p>`}`;
}

/** @param {{ followed: Followed }} props */
function LogSection({ followed }) {
  const { run, lines, count: total, way: now } = followed;
  const { tenant } = mine();
  if (!run) return null;
  return html`
    <section aria-labelledby="log" data-part="log"><h2 id="log">Log</h2>
      ${total === 0 ? html`<p class="meta" data-state="empty">${isOver(run) ? 'It wrote nothing.' : 'Nothing yet. Lines appear here as the script writes them.'}</p>`
        : html`<${Log} lines=${lines} total=${total} live=${now !== 'over'} />
          <p><a href=${inside(tenant, 'runs', run.id, 'log')}>Whole log</a></p>`}
    </section>`;
}

/** What one may want to see after the first run. @param {{ run: Run }} props */
function Next({ run }) {
  const { tenant } = mine();
  return run.state === 'succeeded' && html`
    <p class="meta">Next: <a href="#recorded" onClick=${(/** @type {Event} */ event) => { event.preventDefault(); document.getElementById('recorded')?.focus(); }}>What was recorded</a>
      ${' · '}<a href=${inside(tenant, 'automations', text(run.automation.name))}>What this automation does</a></p>`;
}

/** @param {{ followed: Followed, again: () => Promise<void> }} props */
function Shown({ followed, again }) {
  const run = /** @type {Run} */ (followed.run);
  const evidence = () => download(`${at('runs', run.id)}/evidence`, `evidence-${run.id}.jsonl`);
  return html`
    <div class="columns">
      <div>
        <${Acts} run=${run} again=${again} />
        ${run.state === 'uncertain' && html`<${Outcome} run=${run} again=${again} />`}
        ${run.code && isOver(run) && html`<${Failure} run=${run} />`}
        ${followed.progress && !isOver(run) && html`<${Progress} progress=${followed.progress} />`}
        <${Steps} run=${run} moments=${followed.moments} />
        <${Result} run=${run} />
        <${Next} run=${run} />
        <${Artifacts} run=${run} />
        <${LogSection} followed=${followed} />
      </div>
      <div><${RunFacts} run=${run} moments=${followed.moments} evidence=${evidence} /></div>
    </div>`;
}

/** @param {{ id: string }} props */
export default function RunPage({ id }) {
  const { followed, again } = useRun(id);
  const { run, error, progress } = followed;
  const state = run && stateOf(run);
  const title = run ? text(run.automation.title) || text(run.automation.name) : 'Run';
  const lead = run && state && html`
    <p class="lead"><${Badge} state=${state} open=${true} /> <span class="meta">${way(followed)}</span></p>
    <p class="meta">Asked for by ${asker(run)}, <${Exact} at=${run.requested_at} /></p>`;
  const tab = run && state ? [state[0], isOver(run) ? '' : percent(progress)].filter(Boolean).join(' ') : '';
  return html`
    <${Page} title=${title} tab=${tab} state=${run ? `run-${run.state}` : 'loading'} lead=${lead}>
      ${error && html`<${Problem} quiet what=${run ? 'The run is not followed any more' : 'The run could not be shown'} error=${error} />`}
      ${!run && !error && html`<${Wait} what="Loading the run…" />`}
      ${run && html`<${Shown} followed=${followed} again=${again} />`}
    <//>`;
}
