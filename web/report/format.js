"use strict";
// How the page writes numbers, and how it makes elements. Times in the data are whole microseconds since the run began.

// 1234567 becomes "1,234,567".
function formatCount(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

// A span of time with three significant digits: "840 µs", "12.3 ms", "1.53 s".
function formatSpan(us) {
  const units = [[1e6, "s"], [1e3, "ms"], [1, "µs"]];
  const [size, unit] = units.find(([s]) => us >= s) || units[2];
  const value = us / size;
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${unit}`;
}

// A moment of the run: "12.345 s".
function formatMoment(us, digits = 3) {
  return `${(us / 1e6).toFixed(digits)} s`;
}

function formatBytes(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const exponent = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** exponent).toFixed(1)} ${["B", "kB", "MB", "GB", "TB"][exponent]}`;
}

// Texts become text nodes, so nothing in the data can become markup.
function element(tag, attributes, ...children) {
  const svg = ["svg", "rect", "line", "path", "text"].includes(tag);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

// The value of a colour or number declared in report.css, in the present light or dark scheme.
function styleOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const kOutcomes = [
  {name: "ok", says: "ok"},
  {name: "fail", says: "failed"},
  {name: "info", says: "unknown"},
];

// One operation as a plain object, from the columns of the data.
function operationAt(columns, index) {
  const text = (table, column) => columns[table][columns[column][index]];
  return {
    start: columns.start[index],
    took: columns.took[index],
    outcome: columns.outcome[index],
    client: text("clients", "client"),
    node: text("nodes", "node"),
    error: text("errors", "error"),
    says: columns.says[index],
  };
}
