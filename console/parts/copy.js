// Copies a text, and says that it did.

import { html, useSignal } from '../vendor/preact.js';
import { announce } from '../shell/announce.js';

/**
 * @param {object} props
 * @param {string | (() => Promise<string>)} props.text
 * @param {string} props.what what it is, for those who do not see where the button stands
 * @param {string} [props.label]
 */
export function Copy({ text, what, label }) {
  const state = useSignal('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : await text());
      state.value = 'Copied';
      announce(`Copied: ${what}.`);
    } catch {
      state.value = 'Not copied';
      announce(`Not copied: ${what}. The browser or the gateway refused.`);
    }
    setTimeout(() => { state.value = ''; }, 3000);
  };
  return html`<button type="button" class=${label ? '' : 'quiet copy'} onClick=${copy}>${state.value || label || 'Copy'}${label ? '' : html`<span class="unseen"> ${what}</span>`}</button>`;
}
