// What a page must bear: narrow windows, large spacing, forced colours, still pictures, paper, fingers.
// Each check returns what is wrong, a line each.

/** Runs in the page. What reaches beyond the window's right edge, unless a region of its own scrolls. */
const beyond = () => {
  const seen = document.documentElement.clientWidth;
  const scrolls = (element) => {
    for (let at = element; at; at = at.parentElement) {
      if (at !== document.body && ['auto', 'scroll'].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };
  const wide = document.documentElement.scrollWidth;
  const found = wide > seen ? [`the page is ${wide} px wide in a window of ${seen}`] : [];
  for (const element of document.querySelectorAll('body *')) {
    const { right, width } = element.getBoundingClientRect();
    if (!element.checkVisibility() || width <= 1 || right <= seen + 0.5 || scrolls(element)) continue;
    found.push(`<${element.localName}> “${element.textContent.trim().slice(0, 40)}” ends at ${Math.round(right)} px of ${seen}`);
  }
  return found;
};

/** Runs in the page. Texts that their own box cuts off. */
const cut = () => [...document.querySelectorAll('body *')].flatMap((element) => {
  const { overflowX, overflowY } = getComputedStyle(element);
  const { width, height } = element.getBoundingClientRect();
  // A text for screen readers only is a box of one pixel, on purpose.
  if (!element.checkVisibility() || (width <= 1 && height <= 1) || !element.textContent.trim()) return [];
  const hides = (overflow, whole, shown) => ['hidden', 'clip'].includes(overflow) && whole > shown + 1;
  const lost = hides(overflowX, element.scrollWidth, element.clientWidth)
    || hides(overflowY, element.scrollHeight, element.clientHeight);
  return lost ? [`<${element.localName}> “${element.textContent.trim().slice(0, 40)}” is cut off`] : [];
});

export async function fits(page, width, height) {
  await page.setViewportSize({ width, height });
  return [...await page.evaluate(beyond), ...await page.evaluate(cut)].map((line) => `${width} × ${height}: ${line}`);
}

/** The text spacing of WCAG 1.4.12, in a narrow window. A sheet made by script passes the policy, a style element not. */
export async function spaced(page) {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
      p { margin-block-end: 2em !important }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  });
  const found = [...await page.evaluate(beyond), ...await page.evaluate(cut)];
  await page.evaluate(() => { document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1); });
  return found.map((line) => `spaced: ${line}`);
}

/** Forced colours take every background away: what is pressed or typed in still has an edge, and drawings their colour. */
export async function forced(page) {
  await page.emulateMedia({ forcedColors: 'active' });
  const found = await page.evaluate(() => {
    const edged = [...document.querySelectorAll('button, input:not([type=radio], [type=checkbox], [type=hidden]), select, textarea, .badge')];
    const bare = edged.filter((element) => {
      const { borderTopStyle, borderTopWidth, outlineStyle } = getComputedStyle(element);
      const drawn = borderTopStyle !== 'none' && parseFloat(borderTopWidth) >= 1;
      return element.checkVisibility() && !drawn && outlineStyle === 'none';
    });
    const shapes = [...document.querySelectorAll('svg, svg *')].filter((shape) => {
      const { fill, stroke, color } = getComputedStyle(shape);
      const keeps = (paint) => paint === 'none' || paint === color;
      return shape.checkVisibility() && !(keeps(fill) && keeps(stroke)) && shape.localName !== 'svg';
    });
    return [
      ...bare.map((element) => `<${element.localName}> “${element.textContent.trim()}” has no edge`),
      ...shapes.map((shape) => `<${shape.localName}> is not painted in currentColor`),
    ];
  });
  await page.emulateMedia({ forcedColors: 'none' });
  return found.map((line) => `forced colours: ${line}`);
}

/** Nothing moves for those who asked for that, not even where everything changes at once. */
export async function still(page) {
  await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
  await page.evaluate(() => Promise.all(document.getAnimations()
    .filter(({ effect }) => effect.getComputedTiming().endTime < Infinity).map(({ finished }) => finished)));
  await page.emulateMedia({ colorScheme: 'dark' });
  const found = await page.evaluate(() => {
    const moving = document.getAnimations().filter(({ playState }) => playState === 'running');
    return moving.map(({ animationName, transitionProperty, effect }) => `${animationName ?? transitionProperty} runs on <${effect?.target?.localName}>`);
  });
  return [...new Set(found)].map((line) => `reduced motion: ${line}`);
}

/** On paper stand the title and what is folded, and no navigation. */
export async function printed(page) {
  await page.emulateMedia({ media: 'print' });
  const found = await page.evaluate(() => {
    const shown = (selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
    return [
      ...shown('nav, .skip').map((element) => `<${element.localName} class="${element.className}"> is printed`),
      ...(shown('h1').length === 1 || document.querySelector('dialog[open]') ? [] : ['no title is printed']),
    ];
  });
  await page.emulateMedia({ media: 'screen' });
  return found.map((line) => `print: ${line}`);
}

/** What is aimed at is at least 24 px in both directions (WCAG 2.5.8), but for links in a sentence. */
export async function reachable(page) {
  await page.setViewportSize({ width: 320, height: 640 });
  const found = await page.evaluate(() => {
    const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
    return [...document.querySelectorAll(controls)].flatMap((element) => {
      const isInline = element.localName === 'a' && getComputedStyle(element).display === 'inline';
      if (!element.checkVisibility() || isInline || element.matches('.skip')) return [];
      // A radio button is pressed by its label too.
      const boxes = [element, ...(element.labels ?? [])].map((box) => box.getBoundingClientRect());
      if (boxes.some(({ width, height }) => width >= 24 && height >= 24)) return [];
      const [{ width, height }] = boxes;
      return [`<${element.localName}> “${element.textContent.trim()}” is ${Math.round(width)} × ${Math.round(height)} px`];
    });
  });
  return found.map((line) => `targets: ${line}`);
}
