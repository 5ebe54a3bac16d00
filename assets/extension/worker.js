// Leads the session through its proxy and answers for it where a name and a password are asked for.
// Nobody sees the browser's own prompt: a page that asks gets no answer from it, and would wait for ever.

// A login that was refused once is refused again.
const tried = new Set();

chrome.webRequest.onAuthRequired.addListener(
  (asked, answer) => {
    if (!asked.isProxy || tried.has(asked.requestId)) return answer({ cancel: true });
    if (tried.size > 1000) tried.clear();
    tried.add(asked.requestId);
    // In the browser's memory, because this script ends when it has nothing to do.
    chrome.storage.session
      .get("login")
      .then(({ login }) => answer(login ? { authCredentials: login } : { cancel: true }), () => answer({ cancel: true }));
  },
  { urls: ["<all_urls>"] },
  ["asyncBlocking"],
);

// Called by the host.
globalThis.setProxy = async (value, login) => {
  tried.clear();
  await chrome.storage.session.set({ login });
  await chrome.proxy.settings.set({ value, scope: "regular" });
  return true;
};
