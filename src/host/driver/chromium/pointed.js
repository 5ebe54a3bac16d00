// Runs in a world of its own in every frame, where the page's scripts can neither see nor disturb it.
// It tells what is under the pointer, because Chromium shows the pointer's shape, tooltips and its context menu outside of
// the page's picture. Of a context menu it tells once the page has had the event and opens none of its own.
(() => {
  if (globalThis.helmsightPointed) return;
  const MAX_ADDRESS = 4096, MAX_SELECTION = 32 * 1024, MAX_TOOLTIP = 1000, PAUSE = 60;
  const NOT_TYPED = new Set(['button', 'checkbox', 'color', 'file', 'hidden', 'image', 'radio', 'range', 'reset', 'submit']);
  let menuOf, timer = 0, latest;

  const cut = (text, most) => String(text ?? '').slice(0, most);
  // An address that had to be cut would lead elsewhere.
  const address = (text) => (text && text.length <= MAX_ADDRESS ? text : '');
  const isFrame = (el) => el instanceof HTMLIFrameElement || el instanceof HTMLFrameElement;
  const isTyped = (el) => el instanceof HTMLTextAreaElement || (el instanceof HTMLInputElement && !NOT_TYPED.has(el.type));
  const elementsOf = (event) => event.composedPath().filter((one) => one instanceof Element);
  const linkOf = (path) => {
    for (const el of path) {
      if ((el instanceof HTMLAnchorElement || el instanceof HTMLAreaElement) && el.href) return address(el.href);
      if (el instanceof SVGAElement && el.href.baseVal) return address(new URL(el.href.baseVal, document.baseURI).href);
    }
    return '';
  };
  const selected = (el) => {
    if (isTyped(el)) return el.type === 'password' ? '' : el.value.slice(el.selectionStart ?? 0, el.selectionEnd ?? 0);
    return String(getSelection() ?? '');
  };
  const onContextMenu = (event) => {
    if (!event.isTrusted) return;
    const path = elementsOf(event), el = path[0];
    setTimeout(() => {
      if (event.defaultPrevented || !el || typeof helmsightContextMenu !== 'function') return;
      menuOf = el;
      const image = path.find((one) => one instanceof HTMLImageElement);
      const field = path.find((one) => isTyped(one) || one.isContentEditable);
      helmsightContextMenu(JSON.stringify({
        link: linkOf(path), image: address(image?.currentSrc), selection: cut(selected(field ?? el), MAX_SELECTION),
        editable: !!field && !field.disabled && !field.readOnly, by_key: event.button !== 2,
      }));
    }, 0);
  };
  addEventListener('contextmenu', onContextMenu, { capture: true, passive: true });

  const tooltipOf = (path) => {
    for (const el of path) {
      if (el instanceof SVGElement) {
        const title = [...el.children].find((child) => child instanceof SVGTitleElement);
        if (title) return title.textContent.trim();
      }
      if (el.hasAttribute('title')) return el.getAttribute('title').trim();
    }
    return '';
  };
  const isOverText = (el, x, y) => {
    if (getComputedStyle(el).userSelect === 'none') return false;
    const { startContainer: node, startOffset: at } = document.caretRangeFromPoint(x, y) ?? {};
    if (!(node instanceof Text)) return false;
    const around = document.createRange();
    around.setStart(node, Math.max(at - 1, 0));
    around.setEnd(node, Math.min(at + 1, node.data.length));
    return [...around.getClientRects()].some((rect) => x >= rect.left && x <= rect.right && y >= rect.top && y <= rect.bottom);
  };
  const cursorOf = (el, x, y) => {
    // The last word of a list is what is shown where the pictures before it are not.
    const cursor = getComputedStyle(el).cursor.split(',').pop().trim();
    if (cursor !== 'auto') return cursor;
    return el.isContentEditable || isOverText(el, x, y) ? 'text' : 'default';
  };
  const look = () => {
    timer = 0;
    const { path, x, y } = latest;
    if (!path[0]?.isConnected || typeof helmsightPointer !== 'function') return;
    // The frame's own document tells of what is in it.
    if (isFrame(path[0])) return;
    // It is told even where nothing has changed: no document knows whether another one, in a frame, told meanwhile.
    helmsightPointer(JSON.stringify({ cursor: cut(cursorOf(path[0], x, y), 32), tooltip: cut(tooltipOf(path), MAX_TOOLTIP) }));
  };
  const onMove = (event) => {
    if (!event.isTrusted) return;
    latest = { path: elementsOf(event), x: event.clientX, y: event.clientY };
    timer ||= setTimeout(look, PAUSE);
  };
  for (const type of ['mousemove', 'mouseover']) addEventListener(type, onMove, { capture: true, passive: true });
  addEventListener('mouseout', (event) => {
    if (event.relatedTarget) return;
    clearTimeout(timer);
    timer = 0;
  }, { capture: true, passive: true });

  globalThis.helmsightPointed = { element: () => menuOf };
})();
