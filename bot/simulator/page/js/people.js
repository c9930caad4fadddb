/** How a person looks on the page: the round picture with initials, the role badges. */
import { h, inkOn, paint } from "./dom.js";
import { t } from "./i18n.js";

const NEUTRAL = "#4c5d55";

export function avatar(user, size = "") {
  const colour = /^#[0-9a-f]{6}$/i.test(user?.color ?? "") ? user.color : NEUTRAL;
  const circle = h("span", { class: `avatar ${size}`.trim(), "aria-hidden": "true" }, user?.initials || "?");
  paint(circle, "--disc", colour);
  return paint(circle, "--ink", inkOn(colour));
}

/** What the person is to the club: their Discord roles, or what their seeded key says. */
export function badges(user, guildOwner) {
  const names = (user.roles ?? []).filter((role) => role.name !== "@everyone");
  const list = names.map((role) => roleBadge(role.name, role.color));
  if (user.bot) return [h("span", { class: "badge is-app", text: t("people.app") })];
  if (user.key === guildOwner || (!guildOwner && user.key === "owner")) list.unshift(roleBadge(t("people.owner")));
  if (list.length) return list;
  return [h("span", { class: "badge is-quiet", text: t(`people.${kindOf(user.key)}`) })];
}

function kindOf(key) {
  if (key === "newcomer" || key === "unlinked") return key;
  return "member";
}

function roleBadge(name, colour) {
  const dot = colour && colour !== "#000000" ? paint(h("span", { class: "role-dot" }), "--role", colour) : null;
  return h("span", { class: "badge" }, dot, name);
}
