// Runs in a world of its own in every frame and waits there until a text is searched in its document.
// Matches are marked by the CSS Custom Highlight API, which changes no element. The marks and their colors are all that a
// page could notice, while they are there.
(() => {
  if (globalThis.helmsightFind) return;
  const ALL = 'helmsight-found', SHOWN = 'helmsight-found-shown';
  const COLORS = `::highlight(${ALL}) { background-color: #ffe14d; color: #000 } ::highlight(${SHOWN}) { background-color: #ff8c1a; color: #000 }`;
  const MAX_MATCHES = 5000, MAX_TEXT = 4e6, MAX_MS = 1000;
  const LEFT_OUT = new Set(['AUDIO', 'CANVAS', 'DATALIST', 'HEAD', 'IFRAME', 'NOSCRIPT', 'OBJECT', 'SCRIPT', 'SELECT', 'STYLE', 'TEMPLATE', 'TEXTAREA', 'VIDEO']);
  // Stands between blocks, because no word goes on from one to the next.
  const BREAK = '\uFFFC';
  let ranges = [], shown, sheet;
  const colored = new Set();

  const childrenOf = (el) => {
    if (el.shadowRoot) return el.shadowRoot.childNodes;
    const assigned = el instanceof HTMLSlotElement ? el.assignedNodes() : [];
    return assigned.length ? assigned : el.childNodes;
  };
  // Reads the visible text in the order of its nodes, open shadow trees included.
  const read = () => {
    const end = performance.now() + MAX_MS, pieces = [], stack = [document.body ?? document.documentElement];
    const roots = new Set([document]);
    let text = '', cut = false, steps = 0;
    const put = (one) => { if (!text.endsWith(BREAK)) text += one; };
    while (stack.length) {
      if (text.length > MAX_TEXT || (++steps % 1000 === 0 && performance.now() > end)) { cut = true; break; }
      const node = stack.pop();
      if (node === BREAK) put(BREAK);
      else if (node instanceof Text) {
        pieces.push({ node, start: text.length });
        text += node.data;
      } else if (node instanceof Element && !LEFT_OUT.has(node.tagName)) {
        if (node.tagName === 'BR') { put(BREAK); continue; }
        const { display, visibility } = getComputedStyle(node);
        if (display === 'none') continue;
        if (node.shadowRoot) roots.add(node.shadowRoot);
        const isBlock = !display.startsWith('inline') && display !== 'contents';
        const children = childrenOf(node);
        if (isBlock) stack.push(BREAK);
        for (let at = children.length - 1; at >= 0; at--) {
          const child = children[at];
          if (visibility === 'visible' || !(child instanceof Text)) stack.push(child);
        }
        if (isBlock) stack.push(BREAK);
      }
    }
    return { text, pieces, roots, cut };
  };
  const pattern = (text, matchCase) => {
    const words = text.split(/\s+/u).map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
    return new RegExp(words.join('\\s+'), matchCase ? 'gu' : 'giu');
  };
  const paint = (roots) => {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(COLORS);
    }
    for (const root of roots) {
      if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
      colored.add(root);
    }
    CSS.highlights.set(ALL, new Highlight(...ranges));
  };
  const hide = () => {
    shown = undefined;
    CSS.highlights.delete(SHOWN);
  };
  const isSameStart = (one, other) => one.startContainer === other.startContainer && one.startOffset === other.startOffset;
  const inSight = (range) => {
    const { bottom, right, width, height } = range.getBoundingClientRect();
    return (width > 0 || height > 0) && bottom > 0 && right > 0;
  };

  globalThis.helmsightFind = {
    // Marks all matches. `at` is the place of the match that was shown, if it still is one; `from` is that of the first
    // one in sight or below it.
    search: (text, matchCase) => {
      const { text: all, pieces, roots, cut } = read();
      ranges = [];
      let more = cut, piece = 0;
      const placed = (index) => {
        while (piece + 1 < pieces.length && pieces[piece + 1].start <= index) piece++;
        const { node, start } = pieces[piece];
        return [node, Math.min(index - start, node.data.length)];
      };
      for (const { index, 0: match } of all.matchAll(pattern(text, matchCase))) {
        if (ranges.length === MAX_MATCHES) { more = true; break; }
        if (!match.length || !pieces.length) continue;
        const range = document.createRange();
        const [first, from] = placed(index);
        const [last, to] = placed(index + match.length - 1);
        range.setStart(first, from);
        range.setEnd(last, Math.min(to + 1, last.data.length));
        ranges.push(range);
      }
      const known = shown;
      if (ranges.length) paint(roots); else CSS.highlights.delete(ALL);
      return { matches: ranges.length, more, at: known ? ranges.findIndex((range) => isSameStart(range, known)) : -1, from: ranges.findIndex(inSight) };
    },
    // Marks one match as the one that is shown, and tells its place in the element around it.
    show: (at) => {
      shown = ranges[at];
      const element = shown?.startContainer.parentElement;
      if (!element) return null;
      const mark = new Highlight(shown);
      mark.priority = 1;
      CSS.highlights.set(SHOWN, mark);
      const one = shown.getBoundingClientRect(), around = element.getBoundingClientRect();
      return { x: one.x - around.x, y: one.y - around.y, width: Math.max(one.width, 1), height: Math.max(one.height, 1) };
    },
    element: () => shown?.startContainer.parentElement,
    hide,
    clear: () => {
      hide();
      ranges = [];
      CSS.highlights.delete(ALL);
      for (const root of colored) root.adoptedStyleSheets = root.adoptedStyleSheets.filter((one) => one !== sheet);
      colored.clear();
    },
  };
})();
