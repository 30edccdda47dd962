import type {RunData} from "../data/run_page.ts";
import {type Operations, firstAtOrAfter} from "../data/operations.ts";
import {formatCount, formatSpan} from "../text/format.ts";
import {drawText, fitText} from "./canvas_text.ts";
import {faultColour, faultRows} from "./fault_rows.ts";
import {Dots, type Mark} from "./marks.ts";
import {theme} from "./theme.ts";
import {type Frame, timeTicks, xOf} from "./view.ts";

// Draws the panels of the time line on a canvas. Pure drawing: a view (what span, how wide) in, pixels out.

export const kRow = 20;   // one row of the fault strip
export const kLane = 20;  // one node
const kTitle = 20;        // the line a panel's title stands on

export interface Panel {
  top: number;
  height: number;
  bottom: number;
}

export type PanelName = "phases" | "faults" | "latency" | "throughput" | "rate" | "lanes" | "axis";

export interface Layout {
  panels: Record<PanelName, Panel>;
  rows: number[];  // of each fault
  height: number;
}

// Latency on the page: powers of ten of microseconds.
export interface LatencyRange {
  low: number;
  high: number;
}

// Where each panel stands, from the top, in CSS pixels.
export function layoutPanels(data: RunData, narrow: boolean): Layout {
  const rows = faultRows(data.faults);
  const panels = {} as Record<PanelName, Panel>;
  let top = 6;
  const add = (name: PanelName, height: number): void => { panels[name] = {top, height, bottom: top + height}; top += height; };
  add("phases", 20);
  add("faults", Math.max(0, ...rows.map((row) => row + 1)) * kRow + 4);
  top += kTitle;
  add("latency", narrow ? 190 : 230);
  top += kTitle + 6;
  add("throughput", narrow ? 56 : 64);
  top += kTitle + 6;
  add("rate", 48);
  top += data.lanes.length ? kTitle + 6 : 0;
  add("lanes", data.lanes.length * kLane);
  add("axis", 26);
  return {panels, rows, height: top};
}

export function latencyRange(operations: Operations | null): LatencyRange {
  let low = Infinity;
  let high = 0;
  for (let i = 0; operations && i < operations.count; ++i) {
    const took = operations.end[i]! - operations.start[i]!;
    if (took <= 0 || took === Infinity) continue;
    low = Math.min(low, took);
    high = Math.max(high, took);
  }
  if (!high) return {low: 2, high: 6};
  const floor = Math.floor(Math.log10(low));
  return {low: floor, high: Math.max(floor + 1, Math.ceil(Math.log10(high)))};
}

// Latency in microseconds to a height, logarithmic; what never came back stands at the top.
export function latencyY(panel: Panel, range: LatencyRange, took: number): number {
  const share = (Math.log10(Math.max(took, 1)) - range.low) / (range.high - range.low);
  return panel.bottom - Math.min(1, Math.max(0, share)) * panel.height;
}

// The horizontal lines of a panel, with labels for those that have one.
function drawScale(frame: Frame, lines: {y: number; label: string}[]): void {
  frame.context.fillStyle = theme().colour("grid");
  for (const {y} of lines) frame.context.fillRect(frame.left, Math.round(y), frame.width, 1);
  for (const {y, label} of lines) drawText(frame, label, frame.left - 7, y, {align: "right", size: 11});
}

function shareLines(panel: Panel, top: string, bottom: string): {y: number; label: string}[] {
  return [{y: panel.bottom, label: bottom}, {y: panel.bottom - panel.height / 2, label: ""}, {y: panel.top, label: top}];
}

export function drawGrid(frame: Frame, from: number, axis: Panel): void {
  const {context, view} = frame;
  const {ticks, digits} = timeTicks(view, Math.max(3, frame.width / 110));
  context.fillStyle = theme().colour("grid");
  for (const us of ticks) context.fillRect(Math.round(xOf(frame, us)), from, 1, axis.top - from);
  for (const us of ticks) drawText(frame, `${(us / 1e6).toFixed(digits)} s`, xOf(frame, us), axis.top + 13, {align: "center", size: 11});
}

export function drawPhases(frame: Frame, layout: Layout, data: RunData): void {
  const panel = layout.panels.phases;
  for (const phase of data.phases) {
    const from = Math.max(frame.left, xOf(frame, phase.start));
    const to = Math.min(frame.right, xOf(frame, phase.end));
    if (to - from < 2) continue;
    frame.context.fillStyle = theme().colour("grid");
    frame.context.fillRect(from + 1, panel.top, to - from - 2, panel.height - 4);
    const style = {align: "center", size: 11, weight: 600, colour: "ink-2"} as const;
    drawText(frame, fitText(frame, phase.name, to - from - 10, style), (from + to) / 2, panel.top + 8.5, style);
    frame.context.fillStyle = theme().colour("line");
    if (from > frame.left) frame.context.fillRect(Math.round(from), panel.top, 1, layout.panels.axis.top - panel.top);
  }
}

// Where the free room right of a fault's bar ends: at the next fault of its row.
function roomAfter(frame: Frame, layout: Layout, data: RunData, index: number): number {
  const next = data.faults.filter((each, other) => layout.rows[other] === layout.rows[index] && each.start > data.faults[index]!.start);
  return Math.min(frame.right, ...next.map((each) => xOf(frame, each.start)));
}

// The bands of faults behind [top, bottom].
export function drawBands(frame: Frame, data: RunData, top: number, bottom: number): void {
  const {context} = frame;
  // Of many faults that overlap, the operations behind them must still be seen.
  const strength = Math.max(0.25, Math.min(1, 10 / data.faults.length));
  for (const fault of data.faults) {
    const from = Math.max(frame.left, xOf(frame, fault.start));
    const to = Math.min(frame.right, Math.max(xOf(frame, fault.end), xOf(frame, fault.start) + 2));
    if (to <= frame.left || from >= frame.right) continue;
    context.fillStyle = theme().colour(faultColour(data.faults, fault.kind));
    context.globalAlpha = (theme().dark ? 0.13 : 0.09) * strength;
    context.fillRect(from, top, to - from, bottom - top);
    context.globalAlpha = 0.45 * strength;
    for (const x of [from, to - 1]) context.fillRect(x, top, 1, bottom - top);
    context.globalAlpha = 1;
  }
}

export function drawFaults(frame: Frame, layout: Layout, data: RunData): void {
  const strip = layout.panels.faults;
  drawBands(frame, data, strip.top, layout.panels.axis.top);
  data.faults.forEach((fault, index) => {
    const from = Math.max(frame.left, xOf(frame, fault.start));
    const to = Math.min(frame.right, Math.max(xOf(frame, fault.end), xOf(frame, fault.start) + 2));
    if (to <= frame.left || from >= frame.right) return;
    const colour = faultColour(data.faults, fault.kind);
    const top = strip.top + layout.rows[index]! * kRow;
    frame.context.fillStyle = theme().colour(colour);
    frame.context.fillRect(from, top, to - from, kRow - 3);
    drawFaultLabel(frame, fault, {from, to, top, colour, until: roomAfter(frame, layout, data, index)});
  });
}

// Inside the bar if all of it fits there, else beside it if there is more room.
function drawFaultLabel(frame: Frame, fault: {name: string; description: string},
                        at: {from: number; to: number; top: number; colour: string; until: number}): void {
  const style = {weight: 600, size: 11.5};
  const whole = `${fault.name}: ${fault.description}`;
  const fit = (room: number): string => {
    const text = fitText(frame, whole, room, style);
    return text.length > fault.name.length + 5 || text === whole ? text : fitText(frame, fault.name, room, style);
  };
  const inside = fit(at.to - at.from - 12);
  const beside = inside === whole ? "" : fit(at.until - at.to - 14);
  if (beside.length > inside.length) drawText(frame, beside, at.to + 6, at.top + 9, {...style, colour: at.colour});
  else drawText(frame, inside, at.from + 6, at.top + 9, {...style, colour: "surface"});
}

function drawTitle(frame: Frame, panel: Panel, title: string): void {
  const style = {weight: 600, size: 11.5, colour: "ink-2"};
  drawText(frame, fitText(frame, title, frame.width, style), frame.left, panel.top - 10, style);
}

export interface LatencyOptions {
  range: LatencyRange;
  ratio: number;
  shown: readonly boolean[];  // by outcome
  marks: Record<1 | 2, Mark>;
  unwell: Uint32Array;  // the operations that did not succeed, by start
  dotsMax: number;  // of more operations that succeeded an even sample is drawn
}

// Returns whether all operations in the view were drawn, and not a sample.
export function drawLatency(frame: Frame, panel: Panel, operations: Operations | null, options: LatencyOptions): boolean {
  const {range} = options;
  drawTitle(frame, panel, "Latency of each operation, at its start");
  const powers = Array.from({length: range.high - range.low + 1}, (_, i) => 10 ** (range.low + i));
  drawScale(frame, powers.map((took) => ({y: latencyY(panel, range, took), label: formatSpan(took).replace(/\.0+ /, " ")})));
  if (!operations) return true;
  const {start, end, outcome} = operations;
  const first = firstAtOrAfter(start, frame.view.from);
  const last = firstAtOrAfter(start, frame.view.to);
  const edge = 6;
  const dots = new Dots(frame.width + 2 * edge, panel.height + 2 * edge, options.ratio);
  const step = Math.max(1, Math.ceil((last - first) / options.dotsMax));
  if (options.shown[0]) {
    // latencyY and xOf, with what is the same for all taken out of the loop.
    const [perUs, perPower] = [frame.width / frame.view.span, panel.height / (range.high - range.low)];
    // Whole multiples of the step: while the view moves, the sample stays the same.
    for (let i = Math.ceil(first / step) * step; i < last; i += step) {
      if (outcome[i] !== 0) continue;
      const height = (Math.log10(Math.max(1, end[i]! - start[i]!)) - range.low) * perPower;
      dots.add((start[i]! - frame.view.from) * perUs + edge, edge + panel.height - Math.min(panel.height, Math.max(0, height)));
    }
    dots.paint(frame.context, frame.left - edge, panel.top - edge, theme().rgb("ok"));
  }
  drawUnwell(frame, panel, operations, options);
  return step === 1;
}

// What did not succeed is drawn last, so that it is never hidden. Of marks on one pixel a few are enough.
function drawUnwell(frame: Frame, panel: Panel, {start, end, outcome}: Operations, {range, shown, marks, unwell}: LatencyOptions): void {
  const seen = new Uint8Array(Math.ceil(frame.width + 12) * Math.ceil(panel.height + 12));
  for (const kind of [2, 1] as const) {
    if (!shown[kind]) continue;
    const mark = marks[kind];
    for (const i of unwell) {
      if (outcome[i] !== kind || start[i]! < frame.view.from || start[i]! > frame.view.to) continue;
      const x = xOf(frame, start[i]!);
      const y = end[i] === Infinity ? panel.top : latencyY(panel, range, end[i]! - start[i]!);
      const pixel = Math.floor(x - frame.left) + Math.floor(y - panel.top) * Math.ceil(frame.width + 12);
      if (seen[pixel]! >= 3) continue;
      seen[pixel] = seen[pixel]! + 1;
      frame.context.drawImage(mark.canvas, x - mark.size / 2, y - mark.size / 2, mark.size, mark.size);
    }
  }
}

type Counts = [number, number, number];

// Calls `draw(x, width, counts)` for each bucket in the view.
function eachBucket(frame: Frame, data: RunData, draw: (x: number, width: number, counts: Counts) => void): void {
  const {buckets} = data;
  const from = Math.max(0, Math.floor((frame.view.from - buckets.start) / buckets.width));
  const to = Math.min(buckets.ok.length - 1, Math.floor((frame.view.to - buckets.start) / buckets.width));
  for (let i = from; i <= to; ++i) {
    const left = Math.max(frame.left, xOf(frame, buckets.start + i * buckets.width));
    const right = Math.min(frame.right, xOf(frame, buckets.start + (i + 1) * buckets.width));
    draw(left, right - left, [buckets.ok[i]!, buckets.fail[i]!, buckets.info[i]!]);
  }
}

export function drawThroughput(frame: Frame, panel: Panel, data: RunData): void {
  const {context} = frame;
  const {buckets} = data;
  const highest = buckets.ok.reduce((high, ok, i) => Math.max(high, ok + buckets.fail[i]! + buckets.info[i]!), 1);
  drawTitle(frame, panel, `Started per second, in steps of ${formatSpan(buckets.width)}`);
  drawScale(frame, shareLines(panel, formatCount(highest * 1e6 / buckets.width), "0"));
  eachBucket(frame, data, (x, width, counts) => {
    let y = panel.bottom;
    counts.forEach((count, outcome) => {
      if (!count) return;
      const height = Math.max(1.5, count / highest * panel.height);
      context.fillStyle = theme().colour(["ok", "fail", "info"][outcome]!);
      context.globalAlpha = outcome === 0 ? 0.75 : 1;
      context.fillRect(x, y - height, Math.max(0.5, width - (width > 4 ? 1 : 0)), height);
      context.globalAlpha = 1;
      y -= height;
    });
  });
}

export function drawRate(frame: Frame, panel: Panel, data: RunData): void {
  const {context} = frame;
  drawTitle(frame, panel, "Share of them that succeeded");
  drawScale(frame, shareLines(panel, "100%", "0%"));
  context.strokeStyle = theme().colour("ok");
  context.lineWidth = 1.6;
  context.lineJoin = "round";
  context.beginPath();
  let open = false;
  eachBucket(frame, data, (x, width, counts) => {
    const total = counts[0] + counts[1] + counts[2];
    if (!total) { open = false; return; }
    const y = panel.bottom - counts[0] / total * panel.height;
    if (open) context.lineTo(x, y); else context.moveTo(x, y);
    context.lineTo(x + width, y);
    open = true;
  });
  context.stroke();
}

export function drawLanes(frame: Frame, panel: Panel, data: RunData): void {
  const {context} = frame;
  if (!data.lanes.length) return;
  drawTitle(frame, panel, "What each node was, and its term");
  data.lanes.forEach((lane, index) => {
    const top = panel.top + index * kLane + 2;
    const label = {align: "right", weight: 600, size: 11.5, colour: "ink-2"} as const;
    drawText(frame, fitText(frame, lane.node, frame.left - 12, label), frame.left - 7, top + 8, label);
    for (const [start, end, state, term] of lane.segments) {
      const from = Math.max(frame.left, xOf(frame, start));
      const to = Math.min(frame.right, xOf(frame, end));
      if (to <= from) continue;
      const name = data.states[state] ?? "follower";
      context.fillStyle = theme().colour(name);
      context.fillRect(from, top, Math.max(1, to - from - (to - from > 3 ? 1 : 0)), kLane - 4);
      const says = name === "follower" || name === "leader" ? (term ? String(term) : "") : name;
      const style = {size: 11, weight: name === "leader" ? 700 : 500, colour: name === "follower" || name === "pre-candidate" ? "on-follower" : "on-dark"};
      if (fitText(frame, says, to - from - 8, style) === says) drawText(frame, says, from + 5, top + 8.5, style);
    }
  });
}

export function panelAt(layout: Layout, y: number): PanelName | null {
  const names: PanelName[] = ["faults", "latency", "throughput", "rate", "lanes"];
  return names.find((name) => y >= layout.panels[name].top && y < layout.panels[name].bottom) ?? null;
}

