// Runs in a world of its own in every frame, where the page's scripts can neither see nor disturb it.
// It tells of the keys that a browser takes for itself, once the page has had them and left them alone. It hears of a key
// before the page does and looks afterwards, because a page may keep the key from anybody who listens later.
(() => {
  if (globalThis.helmsightListens) return;
  globalThis.helmsightListens = true;
  const WHEEL_STEP = 60, WHEEL_PAUSE = 400;
  const BY_LETTER = { f: 'find', g: 'find_next', p: 'print', l: 'address', t: 'new_tab', n: 'new_tab', r: 'reload', '+': 'zoom_in', '=': 'zoom_in', '-': 'zoom_out', '_': 'zoom_out', 0: 'zoom_reset' };
  const BY_NAME = { F3: 'find_next', F5: 'reload', Escape: 'stop', BrowserBack: 'back', BrowserForward: 'forward', BrowserRefresh: 'reload', BrowserStop: 'stop', BrowserSearch: 'address' };
  const BY_ALT = { ArrowLeft: 'back', ArrowRight: 'forward', d: 'address' };
  // Layouts without Latin letters have them at their usual places.
  const letter = ({ key, code }) => {
    if (key.length === 1 && key.charCodeAt(0) < 128) return key.toLowerCase();
    return /^Key[A-Z]$/.test(code) ? code.slice(3).toLowerCase() : /^(Digit|Numpad)0$/.test(code) ? '0' : '';
  };
  const meaning = (event) => {
    const { altKey, shiftKey } = event, ctrlKey = event.ctrlKey || event.metaKey;
    if (altKey) return ctrlKey || shiftKey ? undefined : BY_ALT[event.key] ?? BY_ALT[letter(event)];
    const name = ctrlKey ? BY_LETTER[letter(event)] ?? (event.key === 'F5' ? 'reload' : undefined) : BY_NAME[event.key];
    if (!shiftKey) return name;
    if (name === 'find_next') return 'find_previous';
    return name === 'reload' || name?.startsWith('zoom') ? name : undefined;
  };
  const tellUnlessTaken = (event, name) => setTimeout(() => {
    if (!event.defaultPrevented && typeof helmsightShortcut === 'function') helmsightShortcut(name);
  }, 0);
  addEventListener('keydown', (event) => {
    const name = event.isTrusted && !event.isComposing ? meaning(event) : undefined;
    if (name && (!event.repeat || name.startsWith('zoom') || name.startsWith('find_'))) tellUnlessTaken(event, name);
  }, { capture: true, passive: true });
  let turned = 0, last = 0;
  addEventListener('wheel', (event) => {
    if (!event.isTrusted || !event.ctrlKey) return;
    if (event.timeStamp - last > WHEEL_PAUSE || turned * event.deltaY < 0) turned = 0;
    last = event.timeStamp;
    turned += event.deltaY;
    if (Math.abs(turned) < WHEEL_STEP) return;
    const name = turned < 0 ? 'zoom_in' : 'zoom_out';
    turned = 0;
    tellUnlessTaken(event, name);
  }, { capture: true, passive: true });
})();
