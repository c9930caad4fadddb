/** Discord's numbers for components, and the emoji that buttons and options carry. */
import { h } from "./dom.js";

export const TYPE = {
  row: 1, button: 2, select: 3, input: 4, userSelect: 5, roleSelect: 6, mentionableSelect: 7, channelSelect: 8,
  section: 9, text: 10, thumbnail: 11, gallery: 12, file: 13, separator: 14, container: 17,
  label: 18, upload: 19, radios: 21, checks: 22, check: 23,
};

/** A custom emoji has no picture here; its name stands in. */
export function emojiText(emoji) {
  if (!emoji?.name) return null;
  return h("span", { class: "emoji", "aria-hidden": "true" }, emoji.id ? `:${emoji.name}:` : emoji.name);
}
