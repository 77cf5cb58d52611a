// Where else one is signed in.

import { html } from '../vendor/preact.js';
import { Action } from '../parts/controls.js';
import { Loaded } from '../parts/load.js';
import { endSession, sessions } from '../shell/account.js';
import { mine, signOut } from '../shell/session.js';
import { text } from '../words/text.js';
import { Ago, clock } from '../words/time.js';

/** @typedef {import('../shell/account.js').ListedSession} Listed */

/** @param {{ one: Listed, again: () => void }} props */
function Row({ one, again }) {
  const name = text(one.browser) || 'Unknown browser';
  const end = async () => {
    if (one.current) return signOut();
    await endSession(one.id);
    again();
  };
  return html`
    <tr>
      <th scope="row"><strong>${name}</strong>${one.current && html` <span class="badge">this one</span>`}</th>
      <td><span class="label">Signed in with </span>${text(one.provider)}</td>
      <td><span class="label">Since </span><${Ago} at=${one.begunAt} /></td>
      <td><span class="label">Without use it ends at </span>${clock(one.idleEndsAt)}</td>
      <td><div class="actions"><${Action} does=${end} what="The session was not ended" doing="Ending…" done="The session was ended.">
        ${one.current ? 'Sign out here' : html`Sign out<span class="unseen"> ${name}, session ${text(one.id).slice(0, 6)}</span>`}<//></div></td>
    </tr>`;
}

export function Sessions() {
  const { sessionId } = mine();
  return html`
    <section aria-labelledby="sessions" data-part="sessions"><h2 id="sessions">Where you are signed in</h2>
      <${Loaded} on=${sessionId} from=${sessions} waiting="Loading your sessions…" lacking="Your sessions could not be listed"
        show=${(/** @type {Listed[]} */ all, /** @type {() => void} */ again) => html`
          <table class="blocks">
            <thead><tr><th scope="col">Browser</th><th scope="col">Provider</th><th scope="col">Since</th><th scope="col">Ends without use</th><th scope="col"><span class="unseen">Action</span></th></tr></thead>
            <tbody>${all.map((one) => html`<${Row} key=${one.id} one=${one} again=${again} />`)}</tbody>
          </table>
          ${all.length === 1 && html`<p class="meta">You are signed in nowhere else.</p>`}`} />
    </section>`;
}
