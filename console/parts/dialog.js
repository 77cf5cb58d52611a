// A dialog: the browser's own, which keeps the focus inside, closes by Esc and gives the focus back.

import { html, useLayoutEffect, useRef } from '../vendor/preact.js';

/**
 * @param {object} props
 * @param {string} props.title
 * @param {string} props.state which dialog it is, for those who look at the page from outside
 * @param {() => void} props.onClose
 * @param {import('../vendor/preact.js').View} [props.children]
 */
export function Dialog({ title, state, onClose, children }) {
  const frame = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => {
    const dialog = frame.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  /** @param {Event} event */
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`
    <dialog ref=${frame} aria-labelledby="dialog-title" data-state=${state} onCancel=${cancel}>
      <div class="stack"><h2 id="dialog-title">${title}</h2>${children}</div>
    </dialog>`;
}
