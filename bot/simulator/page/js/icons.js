/** The page's icons: 24 × 24 outlines drawn for it, as SVG nodes that take the text's colour. */

const SHAPES = {
  hash: ["M10 4 8 20", "M16 4l-2 16", "M4.5 9h16", "M3.5 15h16"],
  lock: ["M6 11h12v9H6z", "M9 11V8a3 3 0 0 1 6 0v3"],
  thread: ["M5 5h14v10H10l-5 4z", "M9 10h6"],
  mail: ["M4 6h16v12H4z", "m4 7 8 6 8-6"],
  people: ["M9 11a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 9 11z", "M3 20c.4-4 2.6-6 6-6s5.6 2 6 6", "M16 5a3 3 0 0 1 0 6", "M17.5 14.3c2 .6 3.2 2.5 3.5 5.2"],
  calendar: ["M4 6h16v14H4z", "M4 10.5h16", "M8.5 3.5v4", "M15.5 3.5v4"],
  next: ["m9 5 7 7-7 7"],
  jump: ["m5 5 7 7-7 7", "m12 5 7 7-7 7"],
  down: ["m6 9 6 6 6-6"],
  check: ["m5 12.5 4.5 4.5L19 7.5"],
  close: ["M6 6l12 12", "M18 6 6 18"],
  bolt: ["M13 3 5 14h6l-1 7 8-11h-6z"],
  plug: ["M9 3v5", "M15 3v5", "M7 8h10v4a5 5 0 0 1-10 0z", "M12 17v4"],
  gauge: ["M4 17a8 8 0 1 1 16 0", "m12 17 4-6"],
  cloud: ["M7 18h10a4 4 0 0 0 .6-8A6 6 0 0 0 6 10.5 3.8 3.8 0 0 0 7 18z"],
  undo: ["M4 9h10a6 6 0 0 1 0 12H9", "M8 5 4 9l4 4"],
  more: ["M5 12h.01", "M12 12h.01", "M19 12h.01"],
  globe: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z", "M3.5 12h17", "M12 3.5c3 3 3 14 0 17", "M12 3.5c-3 3-3 14 0 17"],
  moon: ["M19.5 14A8 8 0 0 1 10 4.5a8 8 0 1 0 9.5 9.5z"],
  sun: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M12 2.5v2", "M12 19.5v2", "M2.5 12h2", "M19.5 12h2", "m5.3 5.3 1.4 1.4", "m17.3 17.3 1.4 1.4", "m5.3 18.7 1.4-1.4", "m17.3 6.7 1.4-1.4"],
  auto: ["M12 3.5a8.5 8.5 0 1 0 0 17z", "M12 3.5a8.5 8.5 0 0 1 0 17"],
  eye: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z", "M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z"],
  file: ["M6 3h8l4 4v14H6z", "M14 3v4h4"],
  image: ["M4 5h16v14H4z", "m4 16 5-5 4 4 3-3 4 4", "M9 9h.01"],
  upload: ["M12 16V5", "m7 10 5-5 5 5", "M5 19h14"],
  external: ["M13 5h6v6", "M19 5 10 14", "M17 14v5H5V7h5"],
  slash: ["M15.5 4 8.5 20"],
  search: ["M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12z", "m15 15 5 5"],
  receipt: ["M6 3.5h12V21l-3-2-3 2-3-2-3 2z", "M9 8.5h6", "M9 12.5h6"],
  route: ["M6 18.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z", "M18 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z", "M8.5 16H14a3 3 0 0 0 0-5h-4a3 3 0 0 1-3-3"],
  send: ["M4 12 20 4l-5 16-3.5-6.5z", "M11.5 13.5 20 4"],
  reply: ["M5 19c0-6 3-9 9-9h5", "m15 6 4 4-4 4"],
  warn: ["M12 4 2.8 20h18.4z", "M12 10v5", "M12 17.5h.01"],
};

/** An icon that says nothing by itself: the element around it carries the words. */
export function icon(name, className = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon ${className}`.trim());
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  for (const d of SHAPES[name] ?? SHAPES.more) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
