"use strict";
// Draws the panels of the time line on a canvas. Pure drawing: a view (what span, how wide) in, pixels out.
// A `frame` is {context, view, left, right, width}; view is {from, to} in microseconds.

const kFaultColours = ["--fault-0", "--fault-1", "--fault-2", "--fault-3", "--fault-4"];
const kRow = 24;      // one row of the fault strip
const kLane = 24;     // one node
const kTitle = 22;    // the line a panel's title stands on

// The fault kinds in order of appearance share the palette: all kills have one colour, all partitions another.
function faultStyle(data, fault) {
  const kinds = [...new Set(data.faults.map((each) => each.kind))];
  return kFaultColours[kinds.indexOf(fault.kind) % kFaultColours.length];
}

const faultColour = (data, fault) => styleOf(faultStyle(data, fault));

// Puts windows that overlap in time into different rows. Returns the row of each fault.
function faultRows(faults) {
  const ends = [];
  return faults.map((fault) => {
    let row = ends.findIndex((end) => end <= fault.start);
    if (row < 0) row = ends.length;
    ends[row] = fault.end;
    return row;
  });
}

// Where each panel stands, from the top, in CSS pixels.
function layoutPanels(data, narrow) {
  const rows = faultRows(data.faults);
  const panels = {};
  let top = 4;
  const add = (name, height) => { panels[name] = {top, height, bottom: top + height}; top += height; };
  add("phases", 22);
  add("faults", Math.max(0, ...rows.map((row) => row + 1)) * kRow + 4);
  top += kTitle;
  add("latency", narrow ? 210 : 270);
  top += kTitle + 8;
  add("throughput", narrow ? 70 : 84);
  top += kTitle + 8;
  add("rate", 56);
  top += data.lanes.length ? kTitle + 8 : 0;
  add("lanes", data.lanes.length * kLane);
  add("axis", 30);
  return {panels, rows, height: top};
}

const xOf = (frame, us) => frame.left + (us - frame.view.from) / (frame.view.to - frame.view.from) * frame.width;
const usAt = (frame, x) => frame.view.from + (x - frame.left) / frame.width * (frame.view.to - frame.view.from);

// Latency in microseconds to a height, logarithmic; `range` is {low, high} in powers of ten.
function latencyY(panel, range, took) {
  const share = (Math.log10(Math.max(took, 1)) - range.low) / (range.high - range.low);
  return panel.bottom - Math.min(1, Math.max(0, share)) * panel.height;
}

// Round steps of about `count` in the view: 1, 2 or 5 times a power of ten, in microseconds.
function timeTicks(view, count) {
  const raw = (view.to - view.from) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw);
  const ticks = [];
  for (let us = Math.ceil(view.from / step) * step; us <= view.to; us += step) ticks.push(us);
  return {ticks, digits: Math.max(0, 6 - Math.floor(Math.log10(step) + 1e-9))};
}

// A small picture of a mark, drawn many times: a triangle for failed, a cross for unknown. Dots are drawDots' affair.
function makeMark(outcome, ratio) {
  const size = 11;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.translate(size / 2, size / 2);
  context.fillStyle = context.strokeStyle = styleOf(`--${kOutcomes[outcome].name}`);
  context.beginPath();
  if (outcome === 1) {
    context.moveTo(0, -4.2); context.lineTo(4, 3); context.lineTo(-4, 3); context.closePath();
    context.fill();
  } else {
    context.lineWidth = 1.8;
    context.moveTo(-3.2, -3.2); context.lineTo(3.2, 3.2); context.moveTo(3.2, -3.2); context.lineTo(-3.2, 3.2);
    context.stroke();
  }
  return {canvas, size};
}

// The colour of a style as [red, green, blue].
function rgbOf(name) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = styleOf(name);
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}

// Adds up translucent dots pixel by pixel, which is many times faster than a canvas call for each of 100,000 operations.
class Dots {
  constructor(width, height, ratio) {
    this.ratio = ratio;
    this.width = Math.ceil(width * ratio);
    this.height = Math.ceil(height * ratio);
    this.cover = new Float32Array(this.width * this.height);
    this.radius = 1.8 * ratio;
  }

  add(x, y) {
    const [cx, cy, radius] = [x * this.ratio, y * this.ratio, this.radius];
    for (let row = Math.max(0, Math.floor(cy - radius)); row <= Math.min(this.height - 1, cy + radius); ++row) {
      for (let column = Math.max(0, Math.floor(cx - radius)); column <= Math.min(this.width - 1, cx + radius); ++column) {
        const apart = Math.hypot(column + 0.5 - cx, row + 0.5 - cy);
        const alpha = 0.6 * Math.min(1, Math.max(0, radius + 0.5 - apart));
        const at = row * this.width + column;
        this.cover[at] += (1 - this.cover[at]) * alpha;
      }
    }
  }

  // Draws what was added with its upper left corner at (x, y).
  paint(context, x, y, [red, green, blue]) {
    const canvas = document.createElement("canvas");
    canvas.width = this.width;
    canvas.height = this.height;
    const picture = new ImageData(this.width, this.height);
    this.cover.forEach((cover, i) => { if (cover) picture.data.set([red, green, blue, cover * 255], i * 4); });
    canvas.getContext("2d").putImageData(picture, 0, 0);
    context.drawImage(canvas, x, y, this.width / this.ratio, this.height / this.ratio);
  }
}

function drawText(frame, text, x, y, options = {}) {
  const {context} = frame;
  context.font = `${options.weight || 400} ${options.size || 12}px ${styleOf("--sans")}`;
  context.fillStyle = styleOf(options.colour || "--ink-3");
  context.textAlign = options.align || "left";
  context.textBaseline = "middle";
  context.fillText(text, x, y);
}

// The longest beginning of `text` that fits into `width`, with an ellipsis where it was cut; nothing if too little fits.
function fitText(frame, text, width, font) {
  frame.context.font = font;
  if (frame.context.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 2 && frame.context.measureText(text.slice(0, length) + "…").width > width) --length;
  return length > 2 ? text.slice(0, length) + "…" : "";
}

function drawGrid(frame, layout) {
  const {context, view} = frame;
  const {ticks, digits} = timeTicks(view, Math.max(3, frame.width / 110));
  const axis = layout.panels.axis;
  context.fillStyle = styleOf("--grid");
  for (const us of ticks) context.fillRect(Math.round(xOf(frame, us)), layout.panels.faults.top, 1, axis.top - layout.panels.faults.top);
  for (const us of ticks) drawText(frame, `${(us / 1e6).toFixed(digits)} s`, xOf(frame, us), axis.top + 14, {align: "center"});
}

function drawPhases(frame, layout, data) {
  const panel = layout.panels.phases;
  for (const phase of data.phases) {
    const from = Math.max(frame.left, xOf(frame, phase.start));
    const to = Math.min(frame.right, xOf(frame, phase.end));
    if (to - from < 2) continue;
    frame.context.fillStyle = styleOf("--grid");
    frame.context.fillRect(from + 1, panel.top, to - from - 2, panel.height - 6);
    const label = fitText(frame, phase.name, to - from - 10, `600 11.5px ${styleOf("--sans")}`);
    drawText(frame, label, (from + to) / 2, panel.top + 8.5, {align: "center", size: 11.5, weight: 600, colour: "--ink-2"});
    frame.context.fillStyle = styleOf("--line");
    if (from > frame.left) frame.context.fillRect(Math.round(from), panel.top, 1, layout.panels.axis.top - panel.top);
  }
}

// Where the free room right of a fault's bar ends: at the next fault of its row.
function roomAfter(frame, layout, data, index) {
  const next = data.faults.filter((each, other) => layout.rows[other] === layout.rows[index] && each.start > data.faults[index].start);
  return Math.min(frame.right, ...next.map((each) => xOf(frame, each.start)));
}

function drawFaults(frame, layout, data) {
  const {context} = frame;
  const strip = layout.panels.faults;
  const font = `600 12px ${styleOf("--sans")}`;
  data.faults.forEach((fault, index) => {
    const from = Math.max(frame.left, xOf(frame, fault.start));
    const to = Math.min(frame.right, Math.max(xOf(frame, fault.end), xOf(frame, fault.start) + 2));
    if (to <= frame.left || from >= frame.right) return;
    const colour = faultColour(data, fault);
    const top = strip.top + layout.rows[index] * kRow;
    context.fillStyle = colour;
    context.globalAlpha = Number(styleOf("--band"));
    context.fillRect(from, top, to - from, layout.panels.axis.top - top);
    context.globalAlpha = 1;
    context.fillRect(from, top, to - from, kRow - 4);
    context.globalAlpha = 0.55;
    for (const x of [from, to - 1]) context.fillRect(x, top, 1, layout.panels.axis.top - top);
    context.globalAlpha = 1;
    drawFaultLabel(frame, fault, {from, to, top, font, colour: faultStyle(data, fault), until: roomAfter(frame, layout, data, index)});
  });
}

// Inside the bar if all of it fits there, else beside it if there is more room.
function drawFaultLabel(frame, fault, at) {
  const whole = `${fault.name}: ${fault.description}`;
  const fit = (room) => {
    const text = fitText(frame, whole, room, at.font);
    return text.length > fault.name.length + 5 || text === whole ? text : fitText(frame, fault.name, room, at.font);
  };
  const inside = fit(at.to - at.from - 12);
  const beside = inside === whole ? "" : fit(at.until - at.to - 14);
  if (beside.length > inside.length) drawText(frame, beside, at.to + 6, at.top + 10.5, {weight: 600, colour: at.colour});
  else drawText(frame, inside, at.from + 6, at.top + 10.5, {weight: 600, colour: "--surface"});
}

function drawTitle(frame, panel, title) {
  const fitting = fitText(frame, title, frame.width, `600 12.5px ${styleOf("--sans")}`);
  drawText(frame, fitting, frame.left, panel.top - 11, {weight: 600, size: 12.5, colour: "--ink-2"});
}

function drawLatency(frame, layout, data, options) {
  const {context} = frame;
  const panel = layout.panels.latency;
  const columns = data.operations;
  drawTitle(frame, panel, "Latency of each operation, at its start");
  for (let power = options.range.low; power <= options.range.high; ++power) {
    const y = Math.round(latencyY(panel, options.range, 10 ** power));
    context.fillStyle = styleOf("--grid");
    context.fillRect(frame.left, y, frame.width, 1);
    drawText(frame, formatSpan(10 ** power).replace(/\.0+ /, " "), frame.left - 8, y, {align: "right"});
  }
  if (!columns) return;
  const first = firstAtOrAfter(columns.start, frame.view.from);
  const edge = 6;
  const dots = new Dots(frame.width + 2 * edge, panel.height + 2 * edge, options.ratio);
  const seen = new Uint8Array(dots.cover.length);
  // What did not succeed is drawn last, so that it is never hidden. Of marks on one pixel a few are enough.
  for (const outcome of [0, 2, 1]) {
    if (!options.shown[outcome]) continue;
    const mark = options.marks[outcome];
    for (let i = first; i < columns.start.length && columns.start[i] <= frame.view.to; ++i) {
      if (columns.outcome[i] !== outcome) continue;
      const x = xOf(frame, columns.start[i]);
      const y = columns.took[i] < 0 ? panel.top : latencyY(panel, options.range, columns.took[i]);
      if (outcome === 0) {
        dots.add(x - frame.left + edge, y - panel.top + edge);
        continue;
      }
      const pixel = (x | 0) + ((y - panel.top) | 0) * dots.width;
      if (seen[pixel] >= 3) continue;
      ++seen[pixel];
      context.drawImage(mark.canvas, x - mark.size / 2, y - mark.size / 2, mark.size, mark.size);
    }
    if (outcome === 0) dots.paint(context, frame.left - edge, panel.top - edge, options.dotColour);
  }
}

// Calls `draw(x, width, counts)` for each bucket in the view.
function eachBucket(frame, buckets, draw) {
  const count = buckets.ok.length;
  const from = Math.max(0, Math.floor((frame.view.from - buckets.start) / buckets.width));
  const to = Math.min(count - 1, Math.floor((frame.view.to - buckets.start) / buckets.width));
  for (let i = from; i <= to; ++i) {
    const left = Math.max(frame.left, xOf(frame, buckets.start + i * buckets.width));
    const right = Math.min(frame.right, xOf(frame, buckets.start + (i + 1) * buckets.width));
    draw(left, right - left, [buckets.ok[i], buckets.fail[i], buckets.info[i]]);
  }
}

function drawThroughput(frame, layout, data) {
  const {context} = frame;
  const panel = layout.panels.throughput;
  const buckets = data.buckets;
  const perSecond = 1e6 / buckets.width;
  const highest = buckets.ok.reduce((high, ok, i) => Math.max(high, ok + buckets.fail[i] + buckets.info[i]), 1);
  drawTitle(frame, panel, `Started per second, in steps of ${formatSpan(buckets.width)}`);
  for (const share of [0, 0.5, 1]) {
    const y = Math.round(panel.bottom - share * panel.height);
    context.fillStyle = styleOf("--grid");
    context.fillRect(frame.left, y, frame.width, 1);
    if (share !== 0.5) drawText(frame, formatCount(share * highest * perSecond), frame.left - 8, y, {align: "right"});
  }
  eachBucket(frame, buckets, (x, width, counts) => {
    let y = panel.bottom;
    counts.forEach((count, outcome) => {
      if (!count) return;
      const height = Math.max(1.5, count / highest * panel.height);
      context.fillStyle = styleOf(`--${kOutcomes[outcome].name}`);
      context.globalAlpha = outcome === 0 ? 0.75 : 1;
      context.fillRect(x, y - height, Math.max(0.5, width - (width > 4 ? 1 : 0)), height);
      context.globalAlpha = 1;
      y -= height;
    });
  });
}

function drawRate(frame, layout, data) {
  const {context} = frame;
  const panel = layout.panels.rate;
  drawTitle(frame, panel, "Share of them that succeeded");
  for (const share of [0, 0.5, 1]) {
    const y = Math.round(panel.bottom - share * panel.height);
    context.fillStyle = styleOf("--grid");
    context.fillRect(frame.left, y, frame.width, 1);
    if (share !== 0.5) drawText(frame, `${share * 100}%`, frame.left - 8, y, {align: "right"});
  }
  context.strokeStyle = styleOf("--ok");
  context.lineWidth = 1.8;
  context.lineJoin = "round";
  context.beginPath();
  let open = false;
  eachBucket(frame, data.buckets, (x, width, counts) => {
    const total = counts[0] + counts[1] + counts[2];
    if (!total) { open = false; return; }
    const y = panel.bottom - counts[0] / total * panel.height;
    if (open) context.lineTo(x, y); else context.moveTo(x, y);
    context.lineTo(x + width, y);
    open = true;
  });
  context.stroke();
}

function drawLanes(frame, layout, data) {
  const {context} = frame;
  const panel = layout.panels.lanes;
  if (!data.lanes.length) return;
  drawTitle(frame, panel, "What each node was, and its term");
  data.lanes.forEach((lane, index) => {
    const top = panel.top + index * kLane + 2;
    drawText(frame, fitText(frame, lane.node, frame.left - 12, `600 12px ${styleOf("--sans")}`), frame.left - 8, top + 10, {align: "right", weight: 600, colour: "--ink-2"});
    for (const [start, end, state, term] of lane.segments) {
      const from = Math.max(frame.left, xOf(frame, start));
      const to = Math.min(frame.right, xOf(frame, end));
      if (to <= from) continue;
      const name = data.states[state];
      context.fillStyle = styleOf(`--${name}`);
      context.fillRect(from, top, Math.max(1, to - from - (to - from > 3 ? 1 : 0)), kLane - 4);
      const says = name === "follower" || name === "leader" ? (term ? String(term) : "") : name;
      const colour = name === "follower" || name === "pre-candidate" ? "--on-follower" : "--on-dark";
      const fits = context.measureText(says).width + 8 < to - from;
      if (fits) drawText(frame, says, from + 5, top + 10.5, {size: 11.5, weight: name === "leader" ? 700 : 500, colour});
    }
  });
}

// Index of the first element that is not smaller than `value`; `sorted` ascends.
function firstAtOrAfter(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1; else high = middle;
  }
  return low;
}
