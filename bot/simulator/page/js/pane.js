/** A scrolling list of one channel's messages. Only messages that changed are built again. */
import { fill, h } from "./dom.js";
import { language, longDate, startOfDay, t } from "./i18n.js";
import { icon } from "./icons.js";
import { messageNode } from "./message.js";

const NEAR_BOTTOM_PX = 80;

export class Pane {
  /** `root` takes the list; `emptyKey` names the sentence for a channel without messages. */
  constructor(root, page, emptyKey) {
    Object.assign(this, { root, page, emptyKey, channelId: null, rows: new Map(), stick: true });
    this.list = h("div", { class: "message-list", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
    this.latest = h("button", { type: "button", class: "to-latest", hidden: true, on: { click: () => this.toBottom() } });
    this.scroller = h("div", { class: "message-scroll", tabindex: "0" }, this.list);
    fill(root, this.scroller, this.latest);
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.stick && this.toBottom()).observe(this.list);
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.stick = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
    if (this.stick) this.latest.hidden = true;
  }

  toBottom() {
    this.stick = true;
    this.latest.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Shows `channel` (of the view) or, without one, the empty sentence. */
  render(channel, label) {
    const { page } = this;
    const place = `${page.user}/${channel?.id ?? "none"}`;
    if (place !== this.channelId) this.rows.clear();
    const moved = place !== this.channelId;
    this.channelId = place;
    this.scroller.setAttribute("aria-label", label);
    if (moved) this.quiet();
    const messages = (channel?.messages ?? []).filter((message) => !page.hidden.has(message.id));
    const before = this.rows;
    const { nodes, fresh } = this.build(messages, before);
    if (!nodes.length) nodes.push(emptyState(this.emptyKey));
    this.swap(nodes);
    if (moved || this.stick) this.toBottom();
    else if (fresh) {
      this.latest.hidden = false;
      fill(this.latest, icon("down"), t("pane.newBelow"));
    }
  }

  /** Another channel's old messages are not news: nothing is read out while they are put in. */
  quiet() {
    this.list.setAttribute("aria-live", "off");
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => this.list.setAttribute("aria-live", "polite"), 500);
  }

  build(messages, before) {
    const { page } = this;
    const rows = new Map();
    const nodes = [];
    const today = startOfDay(page.now());
    let fresh = 0;
    let previous = null;
    for (const message of messages) {
      const day = startOfDay(new Date(message.timestamp));
      const newDay = !previous || startOfDay(new Date(previous.timestamp)) !== day;
      if (newDay) nodes.push(dayLine(new Date(message.timestamp)));
      const neighbour = newDay ? null : previous;
      const key = JSON.stringify([message, neighbour?.id, page.failures.get(message.id), today, language(), page.peopleKey]);
      const known = before.get(message.id);
      const node = known?.key === key ? known.node : messageNode(message, neighbour, page);
      if (!known) fresh += 1;
      rows.set(message.id, { key, node });
      nodes.push(node);
      previous = message;
    }
    this.rows = rows;
    return { nodes, fresh };
  }

  /** Puts the nodes in order, touching only what differs, and keeps the keyboard focus on the same control. */
  swap(nodes) {
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.customId : null;
    const wanted = new Set(nodes);
    for (const child of [...this.list.children]) if (!wanted.has(child)) child.remove();
    nodes.forEach((node, index) => {
      if (this.list.children[index] !== node) this.list.insertBefore(node, this.list.children[index] ?? null);
    });
    if (focused && !this.list.contains(document.activeElement)) {
      this.list.querySelector(`[data-custom-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    }
  }
}

function dayLine(date) {
  return h("p", { class: "day-line" }, h("span", { text: longDate(date) }));
}

function emptyState(key) {
  return h("div", { class: "empty-state" }, icon(key === "empty.direct" ? "mail" : "hash"), h("p", { text: t(key) }));
}
