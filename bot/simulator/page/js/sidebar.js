/** The left column: whose eyes one looks through, and the channels that person sees. */
import { byId, fill, h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { avatar, badges } from "./people.js";

const KIND_ICON = { text: "hash", thread: "thread", dm: "mail" };

export function renderPeople(page) {
  const people = page.view.users.filter((user) => !user.bot);
  const rows = people.map((user) => personRow(user, page));
  keepFocus(byId("people"), () => fill(byId("people"), rows));
  const waiting = people.reduce((sum, user) => sum + (user.key === page.user ? 0 : page.unread.ofUser(user.key)), 0);
  showCount("people-count", waiting);
}

function personRow(user, page) {
  const current = user.key === page.user;
  const fresh = current ? 0 : page.unread.ofUser(user.key);
  const row = h("button", { type: "button", class: "person", dataset: { user: user.key }, "aria-pressed": String(current), on: { click: () => page.become(user.key) } },
    avatar(user), h("span", { class: "person-text" }, h("span", { class: "person-name", text: user.name }), h("span", { class: "badges" }, badges(user))),
    user.dms_closed ? h("span", { class: "closed-mark", title: t("people.dmsClosed") }, icon("lock"), h("span", { class: "visually-hidden", text: t("people.dmsClosed") })) : null,
    countBadge(fresh));
  return h("li", {}, row);
}

export function countBadge(count, mention = false) {
  if (!count) return null;
  return h("span", { class: mention ? "count is-mention" : "count" }, String(count), h("span", { class: "visually-hidden", text: ` ${t("pane.unread")}` }));
}

function showCount(id, count) {
  const place = byId(id);
  place.hidden = !count;
  place.textContent = count ? String(count) : "";
}

/** The channels in the column, and again as chips above the messages on a phone. */
export function renderChannels(page) {
  const channels = page.view.channels.filter((one) => one.kind !== "dm");
  for (const id of ["channels", "chips"]) {
    keepFocus(byId(id), () => fill(byId(id), channels.map((channel) => channelRow(channel, page))));
  }
  showCurrentChip(byId("chips"), page.channelId);
  const total = channels.reduce((sum, one) => sum + page.unread.inChannel(page.user, one).count, 0);
  showCount("channel-count", page.shows("channel") ? 0 : total);
  renderDirect(page);
}

function channelRow(channel, page) {
  const { count, mention } = page.unread.inChannel(page.user, channel);
  const current = channel.id === page.channelId;
  const classes = ["channel", channel.kind === "thread" && "is-thread", count && "is-unread"].filter(Boolean).join(" ");
  return h("li", {}, h("button", { type: "button", class: classes, dataset: { channel: channel.name }, "aria-current": current ? "page" : null, on: { click: () => page.openChannel(channel.id) } },
    icon(channel.private && channel.kind === "text" ? "lock" : KIND_ICON[channel.kind] ?? "hash"), h("span", { text: channel.name }), countBadge(count, mention)));
}

function renderDirect(page) {
  const direct = page.dm();
  const bot = page.view.users.find((user) => user.bot);
  const fresh = direct ? page.unread.inChannel(page.user, direct).count : 0;
  const row = h("button", { type: "button", class: "channel", id: "direct-row", on: { click: () => page.showTab("direct") } },
    bot ? avatar(bot, "is-small") : icon("mail"), h("span", { text: bot?.name ?? t("pane.direct") }), countBadge(fresh));
  keepFocus(byId("direct"), () => fill(byId("direct"), h("li", {}, row)));
  showCount("direct-count", fresh);
}

/** The chips are a row wider than a phone: a newly chosen channel comes into view, once. */
function showCurrentChip(chips, channelId) {
  if (!chips.clientWidth || chips.dataset.shown === channelId) return;
  chips.dataset.shown = channelId;
  chips.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Rebuilding a list must not throw the keyboard back to the top of the page, nor undo its scrolling. */
function keepFocus(list, rebuild) {
  const active = document.activeElement;
  const position = list.contains(active) ? [...list.querySelectorAll("button")].indexOf(active) : -1;
  const left = list.scrollLeft;
  rebuild();
  list.scrollLeft = left;
  if (position >= 0) list.querySelectorAll("button")[position]?.focus({ preventScroll: true });
}
