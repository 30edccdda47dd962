"use strict";
// The interactive time line: holds the view, turns pointer and keys into views, and says what lies under the pointer.

const kSmallestView = 2000;  // microseconds

class Timeline {
  constructor(host, data) {
    this.host = host;
    this.data = data;
    this.view = {from: data.span[0], to: data.span[1]};
    this.shown = [true, true, true];
    this.range = this.latencyRange();
    this.base = element("canvas", {"aria-hidden": "true"});
    this.overlay = element("canvas", {class: "overlay", "aria-hidden": "true"});
    this.tip = element("div", {class: "tip", hidden: true});
    this.live = element("p", {class: "visually-hidden", "aria-live": "polite"});
    this.chart = element("div", {class: "chart", tabindex: "0", role: "application",
      "aria-label": "Time line of the run. Arrow left and right move, plus and minus zoom, 0 shows everything, " +
                    "N and P go to the next and previous operation that did not succeed."},
      this.base, this.overlay, this.tip);
    host.append(this.toolbar(), this.legend(), this.chart, this.help(), this.live);
    this.listen();
    this.resize();
  }

  latencyRange() {
    const took = this.data.operations ? this.data.operations.took.filter((each) => each > 0) : [];
    let low = Infinity;
    let high = 0;
    for (const each of took) { low = Math.min(low, each); high = Math.max(high, each); }
    if (!took.length) return {low: 2, high: 6};
    const floor = Math.floor(Math.log10(low));
    return {low: floor, high: Math.max(floor + 1, Math.ceil(Math.log10(high)))};
  }

  toolbar() {
    const counts = this.data.outcome_counts;
    const toggles = kOutcomes.map((outcome, index) => element("button", {type: "button", "aria-pressed": "true",
      onclick: (event) => {
        this.shown[index] = !this.shown[index];
        event.currentTarget.setAttribute("aria-pressed", this.shown[index]);
        this.draw();
      }}, markIcon(index), `${formatCount(counts[index])} ${outcome.says}`));
    return element("div", {class: "toolbar", role: "group", "aria-label": "Time line controls"}, toggles,
      element("span", {class: "grow"}),
      element("button", {type: "button", "aria-label": "Zoom out", onclick: () => this.zoom(2)}, "−"),
      element("button", {type: "button", "aria-label": "Zoom in", onclick: () => this.zoom(0.5)}, "+"),
      element("button", {type: "button", "aria-label": "Reset zoom", onclick: () => this.reset()}, "Reset"));
  }

  legend() {
    const present = new Set(this.data.lanes.flatMap((lane) => lane.segments.map((segment) => segment[2])));
    return element("div", {class: "legend"}, [...present].sort().map((state) =>
      element("span", {style: `--swatch: var(--${this.data.states[state]})`}, this.data.states[state])));
  }

  help() {
    return element("p", {class: "keys"}, "Drag to zoom, double-click to see everything, point at anything for its details. ",
      element("span", {class: "keyboard"}, "Keyboard: ", element("kbd", {}, "←"), " ", element("kbd", {}, "→"), " move, ",
        element("kbd", {}, "+"), " ", element("kbd", {}, "−"), " zoom, ", element("kbd", {}, "0"), " everything, ",
        element("kbd", {}, "N"), " ", element("kbd", {}, "P"), " next and previous operation that did not succeed."));
  }

  listen() {
    const at = (event) => {
      const box = this.chart.getBoundingClientRect();
      return {x: event.clientX - box.left, y: event.clientY - box.top};
    };
    this.chart.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.drag = {from: at(event).x, to: at(event).x};
      this.chart.setPointerCapture(event.pointerId);
    });
    this.chart.addEventListener("pointermove", (event) => this.pointAt(at(event)));
    this.chart.addEventListener("pointerup", () => this.endDrag());
    this.chart.addEventListener("pointercancel", () => { this.drag = null; this.hover(null); });
    this.chart.addEventListener("pointerleave", () => { if (!this.drag) this.hover(null); });
    this.chart.addEventListener("dblclick", () => this.reset());
    this.chart.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.resize()).observe(this.chart);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.resize());
  }

  resize() {
    const width = this.chart.clientWidth;
    if (!width) return;
    const ratio = window.devicePixelRatio || 1;
    this.narrow = width < 560;
    this.layout = layoutPanels(this.data, this.narrow);
    this.ratio = ratio;
    this.dotColour = rgbOf("--ok");
    this.marks = [null, makeMark(1, ratio), makeMark(2, ratio)];
    for (const canvas of [this.base, this.overlay]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(this.layout.height * ratio);
      canvas.style.height = `${this.layout.height}px`;
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.left = this.narrow ? 52 : 68;
    this.width = width;
    this.draw();
  }

  frame(canvas) {
    const right = this.width - (this.narrow ? 10 : 20);
    return {context: canvas.getContext("2d"), view: this.view, left: this.left, right, width: right - this.left};
  }

  draw() {
    const frame = this.frame(this.base);
    const {context} = frame;
    context.clearRect(0, 0, this.width, this.layout.height);
    drawGrid(frame, this.layout);
    drawPhases(frame, this.layout, this.data);
    drawFaults(frame, this.layout, this.data);
    drawLatency(frame, this.layout, this.data, this);
    drawThroughput(frame, this.layout, this.data);
    drawRate(frame, this.layout, this.data);
    drawLanes(frame, this.layout, this.data);
    this.hover(null);
  }

  // Shows [from, to], kept inside the run and no narrower than kSmallestView.
  show(from, to) {
    const [first, last] = this.data.span;
    const span = Math.min(Math.max(to - from, kSmallestView), last - first);
    const start = Math.min(Math.max(from, first), last - span);
    this.view = {from: start, to: start + span};
    this.draw();
    this.live.textContent = `Showing ${formatMoment(start)} to ${formatMoment(start + span)}`;
  }

  reset() { this.show(...this.data.span); }

  zoom(factor) {
    const middle = (this.view.from + this.view.to) / 2;
    const half = (this.view.to - this.view.from) / 2 * factor;
    this.show(middle - half, middle + half);
  }

  move(share) {
    const by = (this.view.to - this.view.from) * share;
    this.show(this.view.from + by, this.view.to + by);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions = {ArrowLeft: () => this.move(-0.25), ArrowRight: () => this.move(0.25), "+": () => this.zoom(0.5),
      "=": () => this.zoom(0.5), "-": () => this.zoom(2), 0: () => this.reset(), Escape: () => this.reset(),
      n: () => this.step(1), p: () => this.step(-1), N: () => this.step(1), P: () => this.step(-1)};
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }

  // Goes to the next or previous operation that failed or stayed unknown, and tells about it.
  step(by) {
    const columns = this.data.operations;
    if (!columns) return;
    let index = (this.current ?? (by > 0 ? -1 : columns.start.length)) + by;
    while (index >= 0 && index < columns.start.length && columns.outcome[index] === 0) index += by;
    if (index < 0 || index >= columns.start.length) {
      this.live.textContent = "No further operation of that kind.";
      return;
    }
    const start = columns.start[index];
    const span = this.view.to - this.view.from;
    if (start < this.view.from || start > this.view.to) this.show(start - span / 2, start + span / 2);
    this.current = index;
    this.hover(this.operationHit(index), this.pointOf(index));
    this.live.textContent = this.tip.textContent;
  }

  pointOf(index) {
    const columns = this.data.operations;
    const panel = this.layout.panels.latency;
    const took = columns.took[index];
    return {x: xOf(this.frame(this.base), columns.start[index]), y: took < 0 ? panel.top : latencyY(panel, this.range, took)};
  }

  pointAt(point) {
    if (this.drag) {
      this.drag.to = point.x;
      this.hover(null);
      return;
    }
    this.hover(this.hitAt(point), point);
  }

  endDrag() {
    if (!this.drag) return;
    const frame = this.frame(this.base);
    const [from, to] = [this.drag.from, this.drag.to].sort((a, b) => a - b).map((x) => Math.min(Math.max(x, frame.left), frame.right));
    this.drag = null;
    if (to - from > 5) this.show(usAt(frame, from), usAt(frame, to));
    else this.hover(null);
  }

  // What is at a point: {lines, index?}, or null.
  hitAt(point) {
    const frame = this.frame(this.base);
    if (point.x < frame.left || point.x > frame.right) return null;
    const inside = (name) => point.y >= this.layout.panels[name].top && point.y < this.layout.panels[name].bottom;
    const us = usAt(frame, point.x);
    if (inside("faults")) return this.faultHit(us, Math.floor((point.y - this.layout.panels.faults.top) / kRow));
    if (inside("latency")) {
      const index = this.nearest(point);
      return index === null ? {lines: [formatMoment(us)]} : this.operationHit(index);
    }
    if (inside("throughput") || inside("rate")) return this.bucketHit(us);
    if (inside("lanes")) return this.laneHit(us, Math.floor((point.y - this.layout.panels.lanes.top) / kLane));
    return null;
  }

  // The operation whose mark is nearest to a point and within 14 pixels of it.
  nearest(point) {
    const columns = this.data.operations;
    if (!columns) return null;
    const frame = this.frame(this.base);
    const reach = 14;
    let best = null;
    let distance = reach * reach;
    for (let i = firstAtOrAfter(columns.start, usAt(frame, point.x - reach)); i < columns.start.length; ++i) {
      if (columns.start[i] > this.view.to) break;
      const at = this.pointOf(i);
      if (at.x > point.x + reach) break;
      // A mark that did not succeed is easier to catch: those are what one looks for.
      const bias = columns.outcome[i] === 0 ? 1 : 0.5;
      const apart = ((at.x - point.x) ** 2 + (at.y - point.y) ** 2) * bias;
      if (this.shown[columns.outcome[i]] && apart < distance) { best = i; distance = apart; }
    }
    return best;
  }

  operationHit(index) {
    const operation = operationAt(this.data.operations, index);
    const took = operation.took < 0 ? "never answered" : `${operation.outcome === 2 ? "gave up" : "answered"} after ${formatSpan(operation.took)}`;
    const where = operation.node ? `client ${operation.client} at ${operation.node}` : `client ${operation.client}`;
    return {index, lines: [operation.says, `${kOutcomes[operation.outcome].says}, ${took}`, where,
      `started at ${formatMoment(operation.start)}`, operation.error].filter(Boolean)};
  }

  faultHit(us, row) {
    const fault = this.data.faults.find((each, index) => this.layout.rows[index] === row && us >= each.start && us <= each.end);
    if (!fault) return null;
    const affected = fault.effects.reduce((sum, effect) => sum + effect.affected, 0);
    return {lines: [`${fault.name} (${fault.kind})`, fault.description, `${formatMoment(fault.start, 2)} to ${formatMoment(fault.end, 2)}`,
      fault.had_effect ? `affected ${formatCount(affected)} on ${fault.effects.filter((each) => each.affected).length} hosts` : "had no effect"]};
  }

  bucketHit(us) {
    const buckets = this.data.buckets;
    const i = Math.floor((us - buckets.start) / buckets.width);
    if (!(i >= 0 && i < buckets.ok.length)) return null;
    const total = buckets.ok[i] + buckets.fail[i] + buckets.info[i];
    const start = buckets.start + i * buckets.width;
    return {lines: [`${formatMoment(start, 2)} to ${formatMoment(start + buckets.width, 2)}`,
      total ? `${formatCount(total)} started, ${(buckets.ok[i] / total * 100).toFixed(1)}% succeeded` : "no operation started",
      `${buckets.ok[i]} ok, ${buckets.fail[i]} failed, ${buckets.info[i]} unknown`]};
  }

  laneHit(us, index) {
    const lane = this.data.lanes[index];
    const segment = lane && lane.segments.find(([start, end]) => us >= start && us < end);
    if (!segment) return null;
    const [start, end, state, term] = segment;
    return {lines: [`${lane.node}: ${this.data.states[state]}`, term ? `term ${term}` : "",
      `${formatMoment(start)} to ${formatMoment(end)} (${formatSpan(end - start)})`].filter(Boolean)};
  }

  // Draws the pointer's line, the marked operation and the selection, and places the tool tip.
  hover(hit, point) {
    const frame = this.frame(this.overlay);
    const {context} = frame;
    const panels = this.layout.panels;
    context.clearRect(0, 0, this.width, this.layout.height);
    if (this.drag) {
      const [from, to] = [this.drag.from, this.drag.to].sort((a, b) => a - b);
      context.fillStyle = styleOf("--accent");
      context.globalAlpha = 0.18;
      context.fillRect(from, panels.faults.top, to - from, panels.axis.top - panels.faults.top);
      context.globalAlpha = 1;
    }
    this.tip.hidden = !hit;
    if (!hit) return;
    context.fillStyle = styleOf("--ink-3");
    if (point.x >= frame.left && point.x <= frame.right) context.fillRect(Math.round(point.x), panels.faults.top, 1, panels.axis.top - panels.faults.top);
    if (hit.index !== undefined) this.markOperation(frame, hit.index);
    this.placeTip(hit, point);
  }

  markOperation(frame, index) {
    const {context} = frame;
    const at = this.pointOf(index);
    const took = this.data.operations.took[index];
    const end = took < 0 ? frame.right : Math.min(frame.right, xOf(frame, this.data.operations.start[index] + took));
    context.strokeStyle = styleOf("--ink");
    context.lineWidth = 2;
    context.beginPath();
    context.arc(at.x, at.y, 7, 0, 7);
    context.stroke();
    if (end > at.x + 7) { context.beginPath(); context.moveTo(at.x + 7, at.y); context.lineTo(end, at.y); context.stroke(); }
    this.current = index;
  }

  placeTip(hit, point) {
    const [first, ...rest] = hit.lines;
    this.tip.replaceChildren(element("b", {}, first), ...rest.flatMap((line) => [element("br"), line]));
    const box = this.tip.getBoundingClientRect();
    const right = point.x + 16 + box.width > this.width;
    this.tip.style.left = `${Math.max(4, right ? point.x - box.width - 16 : point.x + 16)}px`;
    this.tip.style.top = `${Math.max(4, Math.min(point.y + 12, this.layout.height - box.height - 4))}px`;
  }
}

// The mark of an outcome as a small picture for a button.
function markIcon(outcome) {
  const shapes = ["M6 2.5a3.5 3.5 0 1 0 .01 0Z", "M6 1 11 10.5H1Z", "M2 2 10 10M10 2 2 10"];
  const colour = `var(--${kOutcomes[outcome].name})`;
  return element("svg", {viewBox: "0 0 12 12", "aria-hidden": "true"},
    element("path", {d: shapes[outcome], fill: outcome === 2 ? "none" : colour, stroke: outcome === 2 ? colour : "none", "stroke-width": "2"}));
}
