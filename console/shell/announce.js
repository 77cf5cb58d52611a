// The one voice for screen readers: at most one sentence in five seconds, the newest of those that wait.

const PAUSE = 5_000;

let last = -PAUSE;
let waiting = '';
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function speak() {
  timer = undefined;
  last = performance.now();
  const voice = document.getElementById('announcer');
  if (voice) voice.textContent = waiting;
}

/** Says a sentence, now or when the last one has had its time. @param {string} sentence */
export function announce(sentence) {
  waiting = sentence;
  timer ??= setTimeout(speak, Math.max(0, last + PAUSE - performance.now()));
}
