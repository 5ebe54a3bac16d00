// Runs in a world of its own in every frame, where the page's scripts can neither see nor disturb it.
// It tells of the form control whose list or picker is open, because Chromium draws those outside of the page's
// picture. Nothing is kept from happening: Chromium opens and closes them as it always does, and `:open` tells.
(() => {
  if (globalThis.helmsightControls) return;
  const PICKERS = ['date', 'time', 'month', 'week', 'datetime-local', 'color'];
  const MAX_OPTIONS = 2000, MAX_TEXT = 200, MAX_VALUE = 1024, MAX_ALL = 256 * 1024, MAX_WALK = 20000;
  const NAMES = Math.random().toString(36).slice(2, 10);
  const ids = new WeakMap();
  let count = 0;
  // The control that was pressed last, the one that is open, the one that was open last, what was told of it, and when to
  // stop looking.
  let pressed, open, last, told = 'null', until = 0, timer = 0;
  // The field whose suggestions are shown. Chromium tells nobody of those, so its rules are followed here.
  let suggesting;

  const cut = (text, most) => String(text ?? '').slice(0, most);
  const kindOf = (el) => {
    if (el instanceof HTMLSelectElement) return 'select';
    if (!(el instanceof HTMLInputElement)) return undefined;
    if (PICKERS.includes(el.type)) return el.type;
    return el.list ? 'datalist' : undefined;
  };
  const isList = (el) => el instanceof HTMLSelectElement && (el.multiple || el.size > 1);
  const focused = () => {
    let el = document.activeElement;
    while (el?.shadowRoot?.activeElement) el = el.shadowRoot.activeElement;
    return el;
  };
  const isOpen = (el) => !!el?.isConnected && !!kindOf(el) && el.matches(':open');
  const find = () => {
    const el = focused();
    for (const one of [open, pressed, el, document.querySelector('select:open, input:open')]) if (isOpen(one)) return one;
    // The page draws a list with several rows itself. It is told all the same, so that its options can be chosen by name.
    if (el && isList(el) && !el.disabled && document.hasFocus()) return el;
    if (suggesting && suggesting === el && el.isConnected && !el.disabled && !el.readOnly && suggestions(el).length) return el;
    return undefined;
  };
  const suggestions = (el) => {
    const typed = el.value.toLowerCase();
    const options = [...(el.list?.options ?? [])].filter((option) => option.value && !option.disabled);
    return options.filter((option) => option.value.toLowerCase().includes(typed) || option.label.toLowerCase().includes(typed));
  };
  const describe = (el) => {
    const kind = kindOf(el);
    if (!ids.has(el)) ids.set(el, `${NAMES}-${++count}`);
    const all = kind === 'select' ? [...el.options] : kind === 'datalist' ? suggestions(el) : [];
    const shown = all.filter((option) => !option.hidden), options = [];
    let room = MAX_ALL;
    for (const option of shown.slice(0, MAX_OPTIONS)) {
      const group = kind === 'select' && option.parentElement instanceof HTMLOptGroupElement ? option.parentElement : undefined;
      const words = { value: cut(option.value, MAX_VALUE), label: cut(option.label.trim(), MAX_TEXT), group: cut(group?.label, MAX_TEXT) };
      room -= words.value.length + words.label.length + words.group.length;
      if (room < 0) break;
      options.push({
        ...words, disabled: option.disabled || !!group?.disabled,
        selected: kind === 'select' ? option.selected : option.value === el.value,
      });
    }
    const { x, y, width, height } = el.getBoundingClientRect();
    const picker = PICKERS.includes(kind);
    return {
      id: ids.get(el), kind, multiple: !!el.multiple && kind === 'select', options, more: shown.length - options.length,
      value: cut(el.value, MAX_VALUE), min: picker ? cut(el.min, 64) : '', max: picker ? cut(el.max, 64) : '',
      step: picker ? cut(el.getAttribute('step'), 64) : '', rect: { x, y, width, height },
      top: window.parent === window,
    };
  };
  const tell = (now) => {
    if (now === told || typeof helmsightFormControl !== 'function') return;
    told = now;
    helmsightFormControl(now);
  };
  const look = () => {
    timer = 0;
    open = find();
    last = open ?? last;
    tell(open ? JSON.stringify(describe(open)) : 'null');
    // An open list is looked at until it is closed; after a gesture for as long as a page may open one by itself.
    if (open) watchAgain(100);
    else if (performance.now() < until) watchAgain(50);
  };
  const watchAgain = (ms) => { if (!timer) timer = setTimeout(look, ms); };
  const stir = () => {
    until = performance.now() + 1500;
    clearTimeout(timer);
    timer = setTimeout(look, 0);
  };
  const on = (type, listener) => addEventListener(type, (event) => { if (event.isTrusted) { listener(event); stir(); } }, { capture: true, passive: true });
  on('mousedown', (event) => { pressed = event.composedPath()[0]; });
  on('click', (event) => {
    const el = event.composedPath()[0];
    suggesting = kindOf(el) === 'datalist' ? el : undefined;
  });
  on('keydown', (event) => {
    const el = focused();
    if (['Escape', 'Enter', 'Tab'].includes(event.key)) suggesting = undefined;
    else if (['ArrowDown', 'ArrowUp'].includes(event.key) && el && kindOf(el) === 'datalist') suggesting = el;
  });
  on('keyup', () => {});
  on('input', (event) => {
    const el = event.composedPath()[0];
    if (kindOf(el) === 'datalist') suggesting = el;
  });
  on('change', () => {});
  on('focusin', () => {});
  on('focusout', () => { suggesting = undefined; });
  addEventListener('pagehide', () => { open = last = pressed = suggesting = undefined; tell('null'); });

  // What the host asks of this frame.
  const held = (id) => {
    for (const el of [open, last]) if (el && ids.get(el) === id && el.isConnected) return el;
    return undefined;
  };
  const optionOf = (options, value) => {
    const found = (same) => options.findIndex((option) => same(option) && !option.disabled && !option.parentElement?.disabled);
    const exact = found((option) => option.value === value);
    return exact >= 0 ? exact : found((option) => option.label.trim() === value);
  };
  const changed = (el) => {
    el.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
    el.dispatchEvent(new Event('change', { bubbles: true }));
  };
  globalThis.helmsightControls = {
    element: (id) => held(id),
    // Says how the values are chosen: by so many presses of an arrow and Enter in Chromium's own list, by typing, or by `set`.
    plan: (id, values) => {
      const el = held(id);
      if (!el) return { error: 'the control is gone' };
      if (el.disabled || el.readOnly) return { error: 'the control takes no value' };
      const kind = kindOf(el);
      if (kind !== 'select' || !el.multiple) {
        if (values.length !== 1) return { error: 'one value is chosen here' };
      }
      if (kind === 'select') {
        const options = [...el.options];
        const wanted = values.map((value) => optionOf(options, value));
        const missing = wanted.indexOf(-1);
        if (missing >= 0) return { error: `there is no option “${cut(values[missing], 80)}” that can be chosen` };
        if (isList(el) || !isOpen(el)) return { by: 'set', open: isOpen(el) };
        const able = options.filter((option) => !option.hidden && !option.disabled && !option.parentElement.disabled);
        const from = able.indexOf(options[el.selectedIndex]), to = able.indexOf(options[wanted[0]]);
        const home = from < 0, steps = home ? to : to - from;
        // Chromium's own list takes longer for every press the longer it is.
        return Math.abs(steps) * options.length > MAX_WALK ? { by: 'set', open: true } : { by: 'keys', home, steps };
      }
      if (kind === 'datalist') return { by: values[0] ? 'text' : 'set' };
      const probe = document.createElement('input');
      probe.type = el.type;
      for (const name of ['min', 'max', 'step']) if (el.hasAttribute(name)) probe.setAttribute(name, el.getAttribute(name));
      probe.value = values[0];
      const sanitized = kind === 'color' ? probe.value === values[0].toLowerCase() : probe.value !== '' || values[0] === '';
      if (!sanitized) return { error: `“${cut(values[0], 80)}” is no ${kind} as HTML writes it` };
      if (probe.validity.rangeUnderflow) return { error: `the least is ${el.min}` };
      if (probe.validity.rangeOverflow) return { error: `the greatest is ${el.max}` };
      if (probe.validity.stepMismatch) return { error: `the page takes steps of ${el.step}` };
      return { by: 'set', open: isOpen(el) };
    },
    // Tells whether the values are what is chosen now, and nothing is open any more.
    done: (id, values) => {
      const el = held(id);
      return !!el && !isOpen(el) && el.value === values[0];
    },
    closed: (id) => !isOpen(held(id)),
    set: (id, values) => {
      const el = held(id);
      if (!el) return false;
      if (kindOf(el) !== 'select') {
        if (el.value === values[0]) return true;
        el.value = values[0];
      } else {
        const options = [...el.options];
        const wanted = new Set(values.map((value) => optionOf(options, value)));
        if (options.every((option, at) => option.selected === wanted.has(at))) return true;
        options.forEach((option, at) => { option.selected = wanted.has(at); });
      }
      changed(el);
      stir();
      return true;
    },
    // Selects what the field holds, so that typing replaces it.
    select: (id) => {
      const el = held(id);
      el?.focus();
      el?.select();
      return !!el;
    },
    // The suggestion was taken.
    taken: () => { suggesting = undefined; stir(); },
  };
})();
