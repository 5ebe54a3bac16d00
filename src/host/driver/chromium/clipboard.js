// Runs in a hidden page of our own extension, which may use the browser's clipboard: no page of the session has to be
// asked, and none notices.
(() => {
  const MAX_TEXT = TEXT_LIMIT, MAX_IMAGE = IMAGE_LIMIT, CHANGES_WITHIN = 150;
  const clipboard = navigator.clipboard;
  // Who waits to hear of our own change, which nobody is told.
  let own;
  clipboard.addEventListener('clipboardchange', ({ types }) => {
    if (own) own();
    // A clipboard that becomes empty has nothing to share. It is also told once when text is merely selected.
    else if (types.length) helmsightCopied('');
  });
  const change = async (write) => {
    const told = new Promise((heard) => { own = heard; setTimeout(heard, CHANGES_WITHIN); });
    try {
      await write();
      await told;
    } finally {
      own = undefined;
    }
    return true;
  };
  const base64 = (blob) => new Promise((read, failed) => {
    const reader = new FileReader();
    reader.onload = () => read(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
  const decoded = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  globalThis.helmsightClipboard = {
    put: ({ text, html, image }) => change(() => {
      const forms = {};
      if (text) forms['text/plain'] = text;
      if (html) forms['text/html'] = html;
      if (image) forms['image/png'] = new Blob([decoded(image)], { type: 'image/png' });
      return clipboard.write([new ClipboardItem(forms)]);
    }),
    clear: () => change(() => clipboard.writeText('')),
    // What is too large is left out, and named.
    read: async () => {
      const content = {};
      let problem = '';
      for (const item of await clipboard.read()) {
        const blob = async (type) => (item.types.includes(type) ? await item.getType(type) : undefined);
        const text = await blob('text/plain'), html = await blob('text/html'), image = await blob('image/png');
        if (text?.size > MAX_TEXT) problem = 'The text that was copied is too large';
        else if (text?.size) content.text = await text.text();
        if (html?.size && html.size <= MAX_TEXT) content.html = await html.text();
        if (image?.size > MAX_IMAGE) problem = 'The picture that was copied is too large';
        else if (image?.size) content.image = await base64(image);
      }
      return { content, problem };
    },
  };
  return 'onclipboardchange' in clipboard;
})()
