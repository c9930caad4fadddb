/** What the browser remembers between visits; a browser that refuses storage simply forgets. */

const PREFIX = "potkeeper-demo:";

export function recall(key, fallback = null) {
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    /* private window or full: nothing to do */
  }
}
