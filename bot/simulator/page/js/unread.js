/** Who has something new to read: the shown user by channel, everybody else through light views of their own. */
import { LiveView } from "./api.js";

const LAST_FEW = 6;
const later = (a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

export class Unread {
  constructor(onChange) {
    Object.assign(this, { onChange, read: new Map(), views: new Map(), links: new Map(), first: new Set() });
  }

  /** Follows these users in the background; the shown one is followed by the page itself. */
  follow(keys, shown) {
    for (const [key, link] of this.links) {
      if (keys.includes(key) && key !== shown) continue;
      link.close();
      this.links.delete(key);
    }
    for (const key of keys) {
      if (key === shown || this.links.has(key)) continue;
      this.links.set(key, new LiveView(key, { limit: LAST_FEW, onView: (view) => this.take(view) }));
    }
  }

  /** What a user sees now. Everything in the first view of a user counts as read. */
  take(view) {
    this.views.set(view.user, view);
    if (!this.first.has(view.user)) {
      this.first.add(view.user);
      for (const channel of view.channels) this.markRead(view.user, channel);
    }
    this.onChange();
  }

  markRead(user, channel) {
    const last = channel.messages.at(-1)?.id;
    if (last) this.read.set(`${user}/${channel.id}`, last);
  }

  /** How many messages of a channel are new to the user, and whether one mentions them. */
  inChannel(user, channel) {
    const seen = this.read.get(`${user}/${channel.id}`) ?? "";
    const fresh = channel.messages.filter((message) => later(message.id, seen) > 0 && message.author_key !== user);
    return { count: fresh.length, mention: fresh.some((message) => message.mentions_you) };
  }

  /** For a user who is not shown: what is meant for them, so direct and private messages and mentions. */
  ofUser(user) {
    const counts = (this.views.get(user)?.channels ?? []).map((channel) => {
      const { count, mention } = this.inChannel(user, channel);
      return channel.private ? count : Number(mention);
    });
    return counts.reduce((sum, one) => sum + one, 0);
  }

  /** After a reset everything there is counts as read again. */
  forget() {
    this.read.clear();
    this.first.clear();
  }
}
