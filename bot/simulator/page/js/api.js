/** Talks to the simulator's control API: requests, and the websocket that pushes views. */

/** A refused request: `message` is the simulator's own sentence, `code` its error code. */
export class Refused extends Error {
  constructor(code, message, field) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

async function answerOf(response) {
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  throw new Refused(body?.error ?? String(response.status), body?.message ?? response.statusText, body?.field);
}

export async function get(path) {
  return answerOf(await fetch(path, { headers: { Accept: "application/json" } }));
}

export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return answerOf(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

export const viewPath = (user, limit) =>
  `/control/view?user=${encodeURIComponent(user)}${limit ? `&limit=${limit}` : ""}`;

/**
 * Keeps one websocket open for a user and hands each pushed view to `onView`.
 * A lost connection is opened again after 0.5 s, doubling up to 8 s. `onState(open)` follows the connection.
 */
export class LiveView {
  constructor(user, { limit = 0, onView, onState = () => {} }) {
    Object.assign(this, { user, limit, onView, onState, delay: 500, closed: false });
    this.open();
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const query = `user=${encodeURIComponent(this.user)}${this.limit ? `&limit=${this.limit}` : ""}`;
    this.socket = new WebSocket(`${scheme}//${location.host}/control/ws?${query}`);
    this.socket.addEventListener("open", () => {
      this.delay = 500;
      this.onState(true);
    });
    this.socket.addEventListener("message", (event) => this.receive(event.data));
    this.socket.addEventListener("close", () => this.lost());
  }

  receive(text) {
    if (this.closed) return;
    const frame = JSON.parse(text);
    if (frame.type === "view") this.onView(frame.view);
  }

  lost() {
    if (this.closed) return;
    this.onState(false);
    this.timer = setTimeout(() => this.open(), this.delay);
    this.delay = Math.min(this.delay * 2, 8000);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}
