// Runs before anything is painted, and is no module, so that it runs in browsers that know none: puts the chosen
// theme in place, and shows the sentence of index.html if the console cannot start.
(function () {
  var root = document.documentElement;
  try {
    var kept = JSON.parse(localStorage.getItem('gatelet.preferences') || '{}');
    if (kept.theme === 'light' || kept.theme === 'dark') root.dataset.theme = kept.theme;
    if (kept.motion === 'reduced') root.dataset.motion = 'reduced';
  } catch (error) { /* Storage may be switched off. Then everything is as the system has it. */ }
  addEventListener('error', function () {
    if (root.dataset.start !== 'done') root.dataset.start = 'failed';
  }, true);
  if (!('noModule' in HTMLScriptElement.prototype)) root.dataset.start = 'failed';
})();
