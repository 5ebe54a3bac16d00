async (limit, call, json) => {
  // What JSON has no form for is told in words.
  const outcome = await call(...JSON.parse(json));
  const told = (description) => JSON.stringify({ description: String(description).slice(0, 200) });
  if (typeof outcome === "number" && !Number.isFinite(outcome)) return told(outcome);
  if (typeof outcome === "bigint") return told(`${outcome}n`);
  if (typeof outcome === "function" || typeof outcome === "symbol") return told(typeof outcome);
  if (outcome instanceof Node || outcome === globalThis) {
    return told(Object.prototype.toString.call(outcome));
  }
  const value = JSON.stringify(outcome);
  if (value === undefined) return told("undefined");
  // A character has up to three bytes; the host counts them exactly.
  if (value.length > limit) return JSON.stringify({ length: value.length });
  return `{"value":${value}}`;
}
