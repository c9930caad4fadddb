/** Builds DOM nodes. Everything the page shows goes through here: text is always a text node, never markup. */

/**
 * One element. `props` keys: `class`, `text`, `dataset`, `on` (event → listener), a boolean or string attribute otherwise.
 * Children may be nodes, strings, numbers, nested arrays; null and false are left out.
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) setProp(element, key, value);
  append(element, children);
  return element;
}

function setProp(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key === "class") element.className = value;
  else if (key === "text") element.textContent = value;
  else if (key === "dataset") Object.assign(element.dataset, value);
  else if (key === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  else if (key === "value") element.value = value;
  else element.setAttribute(key, value === true ? "" : String(value));
}

export function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

/** Replaces the children only when they are given anew; keeps the element itself and its listeners. */
export function fill(parent, ...children) {
  parent.replaceChildren();
  return append(parent, children);
}

/** A colour from data, as a custom property; anything that is not #rrggbb is ignored. */
export function paint(element, property, colour) {
  if (/^#[0-9a-f]{6}$/i.test(colour ?? "")) element.style.setProperty(property, colour);
  return element;
}

/** Discord's integer colour as #rrggbb, or null. */
export function hexColour(number) {
  return Number.isInteger(number) && number >= 0 ? `#${number.toString(16).padStart(6, "0").slice(-6)}` : null;
}

/** Black or white, whichever reads better on the colour (WCAG contrast). */
export function inkOn(colour) {
  const channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const [r, g, b] = channels.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#101412" : "#ffffff";
}

export const byId = (id) => document.getElementById(id);

let counter = 0;
/** An id for label/for and aria wiring, unique on the page. */
export const uid = (prefix) => `${prefix}-${++counter}`;
