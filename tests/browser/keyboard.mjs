// Walks a page by Tab to its end and back, and looks where the focus is.

/** Runs in the page, before a walk: what Tab must reach, in the order of the document. */
const plan = () => {
  const root = document.querySelector('dialog:modal') ?? document;
  const all = [...root.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]')];
  const group = ({ form, name }) => all.filter((other) => other.type === 'radio' && other.form === form && other.name === name);
  // A group of radio buttons is one stop: the chosen one, or without a choice the first.
  const isStop = (radio) => (group(radio).some(({ checked }) => checked) ? radio.checked : group(radio)[0] === radio);
  window.testStops = all.filter((element) => element.tabIndex >= 0 && !element.disabled
    && element.checkVisibility({ visibilityProperty: true }) && (element.type !== 'radio' || isStop(element)));
  return window.testStops.map((element) => {
    const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
    return `<${element.localName}> “${name.trim().replace(/\s+/g, ' ').slice(0, 50)}”${element.tabIndex > 0 ? ' jumps the queue' : ''}`;
  });
};

/** Runs in the page: the stop that has the focus, and what is wrong with how it shows. */
const stop = () => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return null;
  const [found, style] = [[], getComputedStyle(element)];
  if (!element.matches(':focus-visible')) found.push('does not match :focus-visible');
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) found.push('has no outline of 2 px');
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const mix = (...colours) => {
    for (const colour of colours) {
      paint.fillStyle = colour;
      paint.fillRect(0, 0, 1, 1);
    }
    return [...paint.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const light = (rgb) => {
    const [red, green, blue] = rgb.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const around = [];
  for (let at = element.parentElement; at; at = at.parentElement) around.unshift(getComputedStyle(at).backgroundColor);
  const ground = mix('Canvas', ...around);
  const [low, high] = [light(ground), light(mix(`rgb(${ground})`, style.outlineColor))].sort((a, b) => a - b);
  const contrast = (high + 0.05) / (low + 0.05);
  if (contrast < 3) found.push(`its ring has a contrast of ${contrast.toFixed(1)}`);
  const box = [...element.getClientRects()].find(({ width, height }) => width > 0 && height > 0);
  if (!box) return { index: window.testStops.indexOf(element), found: ['has no box'] };
  const points = [[0.5, 0.5], [0.15, 0.3], [0.85, 0.7]].map(([x, y]) => [box.left + box.width * x, box.top + box.height * y]);
  for (const [x, y] of points) {
    const hit = document.elementFromPoint(x, y);
    const isOurs = hit && (element.contains(hit) || [...(element.labels ?? [])].some((label) => label.contains(hit)));
    // Of something taller than the window a part is in view, and that is enough.
    const isOutside = box.height > innerHeight && (y < 0 || y > innerHeight);
    if (!isOurs && !isOutside) found.push(`is covered at ${Math.round(x)}, ${Math.round(y)} by ${hit ? `<${hit.localName}>` : 'the window’s edge'}`);
  }
  return { index: window.testStops.indexOf(element), found };
};

/** Runs in the page: stops that stand above the one before them, in the same column. */
const jumps = () => window.testStops.flatMap((element, index) => {
  const former = window.testStops[index - 1]?.getBoundingClientRect();
  const box = element.getBoundingClientRect();
  if (!former || element.matches('.skip')) return [];
  const isAbove = box.bottom <= former.top && box.left < former.right && box.right > former.left;
  return isAbove ? [`stop ${index + 1} stands above stop ${index}`] : [];
});

/** Presses the key until the focus has left the page or been everywhere. */
async function walk(page, key, count) {
  const stops = [];
  for (let step = 0; step <= count + 3; step += 1) {
    await page.keyboard.press(key);
    const at = await page.evaluate(stop);
    if (at === null && stops.length > 0) break;
    if (at !== null && stops[0]?.index === at.index) break;
    if (at !== null) stops.push(at);
  }
  return stops;
}

/** Everything that is wrong on the way through the page and back. */
export async function tabs(page) {
  const wanted = await page.evaluate(plan);
  const found = wanted.filter((name) => name.endsWith('jumps the queue'));
  if (wanted.length === 0) return [];
  found.push(...await page.evaluate(jumps));
  const inOrder = wanted.map((_, index) => index);
  for (const [key, order] of [['Tab', inOrder], ['Shift+Tab', inOrder.toReversed()]]) {
    // From the first stop one step back, so that the walk itself comes in from outside.
    await page.evaluate((at) => window.testStops.at(at).focus(), order[0]);
    await page.keyboard.press(key === 'Tab' ? 'Shift+Tab' : 'Tab');
    const stops = await walk(page, key, wanted.length);
    const seen = stops.map(({ index }) => index);
    if (String(seen) !== String(order)) found.push(`${key} goes ${seen.map((index) => wanted[index] ?? 'elsewhere').join(', ')}, not ${order.map((index) => wanted[index]).join(', ')}`);
    for (const at of stops) found.push(...at.found.map((line) => `${key}: ${wanted[at.index] ?? 'a stop'} ${line}`));
  }
  return found;
}

/** Presses Tab until the focus is on what has this name, as a person would who cannot point. */
export async function tabTo(page, name) {
  const passed = [];
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab');
    const words = await page.evaluate(() => {
      const at = document.activeElement;
      return (at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent).trim().replace(/\s+/g, ' ');
    });
    if (name.test(words)) return;
    passed.push(words.slice(0, 40));
  }
  throw new Error(`Tab never came to ${name}, but to: ${passed.join(' | ')}`);
}

/** Goes there by Tab and presses Enter. */
export async function press(page, name) {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}
