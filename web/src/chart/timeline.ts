import type {RunData} from "../data/run_page.ts";
import {type Operations, firstAtOrAfter} from "../data/operations.ts";
import {formatCount, formatMoment, formatSpan} from "../text/format.ts";
import {type Point, listenToGestures} from "./gestures.ts";
import {type Mark, makeMark} from "./marks.ts";
import {nextUnwell, operationLines, unwellOf} from "./operation_words.ts";
import {Surface} from "./surface.ts";
import {theme} from "./theme.ts";
import {type LatencyRange, type Layout, drawFaults, drawGrid, drawLanes, drawLatency, drawPhases, drawRate, drawThroughput, kLane, kRow,
  latencyRange, latencyY, layoutPanels, panelAt} from "./timeline_panels.ts";
import {type View, usAt, xOf} from "./view.ts";

// Everything that happened in a run, on one clock: phases, faults, operations, rates, and what each node was.

const kDotsWhileMoving = 40_000;
const kStillMs = 150;  // after this long without a change all operations are drawn

interface Hit {
  lines: string[];
  index?: number;  // of an operation
}

export class Timeline {
  private readonly surface: Surface;
  private readonly range: LatencyRange;
  private layout!: Layout;
  private marks!: Record<1 | 2, Mark>;
  private shown: readonly boolean[] = [true, true, true];
  private current: number | null = null;
  private readonly unwell: Uint32Array;
  private readonly leave: () => void;
  private sampled = false;
  private moving = 0;  // a timer, while the view changes: then a sample is drawn

  constructor(host: HTMLElement, private readonly data: RunData, private readonly operations: Operations | null, private readonly view: View) {
    this.range = latencyRange(operations);
    this.unwell = unwellOf(operations);
    this.surface = new Surface(host, {
      label: "Time line of the run. Arrow left and right move, plus and minus zoom, 0 shows everything, " +
             "N and P go to the next and previous operation that did not succeed.",
      view,
      layout: () => {
        this.layout = layoutPanels(data, this.surface.narrow);
        this.marks = {1: makeMark(1, this.surface.ratio), 2: makeMark(2, this.surface.ratio)};
        return this.layout.height;
      },
      left: (narrow) => narrow ? 56 : 84,
      draw: () => this.draw(),
    });
    listenToGestures(this.surface.element, {
      view,
      usAt: (x) => usAt(this.surface.frame(), x),
      hover: (point) => this.hover(point && this.hitAt(point), point),
      select: (span) => this.select(span),
      key: (event) => this.key(event.key),
    });
    this.leave = view.subscribe(() => {
      clearTimeout(this.moving);
      this.moving = window.setTimeout(() => { this.moving = 0; if (this.sampled) this.surface.redraw(); }, kStillMs);
    });
    this.surface.resize();
  }

  end(): void {
    this.leave();
    clearTimeout(this.moving);
    this.surface.end();
  }

  showOutcomes(shown: readonly boolean[]): void {
    this.shown = shown;
    this.surface.redraw();
  }

  private draw(): void {
    const frame = this.surface.frame();
    const {panels} = this.layout;
    drawGrid(frame, panels.faults.top, panels.axis);
    drawPhases(frame, this.layout, this.data);
    drawFaults(frame, this.layout, this.data);
    this.sampled = !drawLatency(frame, panels.latency, this.operations, {range: this.range, ratio: this.surface.ratio, shown: this.shown, marks: this.marks,
      unwell: this.unwell, dotsMax: this.moving ? kDotsWhileMoving : Infinity});
    drawThroughput(frame, panels.throughput, this.data);
    drawRate(frame, panels.rate, this.data);
    drawLanes(frame, panels.lanes, this.data);
    this.hover(null, null);
    this.surface.say(`Showing ${formatMoment(this.view.from)} to ${formatMoment(this.view.to)}`);
  }

  private key(key: string): boolean {
    const by = key === "n" || key === "N" ? 1 : key === "p" || key === "P" ? -1 : 0;
    if (!by || !this.operations) return false;
    const index = nextUnwell(this.unwell, this.current, by);
    if (index === null) {
      this.surface.say("No further operation of that kind.");
      return true;
    }
    const start = this.operations.start[index]!;
    if (start < this.view.from || start > this.view.to) this.view.show(start - this.view.span / 2, start + this.view.span / 2);
    // After the frame that the view has asked for, which clears what follows the pointer.
    requestAnimationFrame(() => {
      this.hover(this.operationHit(index), this.pointOf(index));
      this.surface.say(operationLines(this.operations!, index).join(", "));
    });
    this.current = index;
    return true;
  }

  private pointOf(index: number): Point {
    const {start, end} = this.operations!;
    const panel = this.layout.panels.latency;
    const took = end[index]! - start[index]!;
    return {x: xOf(this.surface.frame(), start[index]!), y: took === Infinity ? panel.top : latencyY(panel, this.range, took)};
  }

  private select(span: {from: number; to: number} | null): void {
    this.surface.clearOverlay();
    this.surface.showTip(null, null);
    if (span) this.surface.shade(span.from, span.to, this.layout.panels.faults.top, this.layout.panels.axis.top);
  }

  private hitAt(point: Point): Hit | null {
    const frame = this.surface.frame();
    if (point.x < frame.left || point.x > frame.right) return null;
    const us = usAt(frame, point.x);
    const panel = panelAt(this.layout, point.y);
    if (panel === "faults") return this.faultHit(us, Math.floor((point.y - this.layout.panels.faults.top) / kRow));
    if (panel === "throughput" || panel === "rate") return this.bucketHit(us);
    if (panel === "lanes") return this.laneHit(us, Math.floor((point.y - this.layout.panels.lanes.top) / kLane));
    if (panel !== "latency") return null;
    const index = this.nearest(point);
    return index === null ? {lines: [formatMoment(us)]} : this.operationHit(index);
  }

  // The operation whose mark is nearest to a point and within 14 pixels of it.
  private nearest(point: Point): number | null {
    if (!this.operations) return null;
    const {start, outcome, count} = this.operations;
    const frame = this.surface.frame();
    const reach = 14;
    let best: number | null = null;
    let distance = reach * reach;
    const last = Math.min(count, firstAtOrAfter(start, Math.min(this.view.to, usAt(frame, point.x + reach))));
    for (let i = firstAtOrAfter(start, usAt(frame, point.x - reach)); i < last; ++i) {
      const at = this.pointOf(i);
      // A mark that did not succeed is easier to catch: those are what one looks for.
      const bias = outcome[i] === 0 ? 1 : 0.5;
      const apart = ((at.x - point.x) ** 2 + (at.y - point.y) ** 2) * bias;
      if (this.shown[outcome[i]!] && apart < distance) { best = i; distance = apart; }
    }
    return best;
  }

  private operationHit(index: number): Hit {
    return {index, lines: operationLines(this.operations!, index)};
  }

  private faultHit(us: number, row: number): Hit | null {
    const fault = this.data.faults.find((each, index) => this.layout.rows[index] === row && us >= each.start && us <= each.end);
    if (!fault) return null;
    const affected = fault.effects.reduce((sum, effect) => sum + effect.affected, 0);
    return {lines: [`${fault.name} (${fault.kind})`, fault.description, `${formatMoment(fault.start, 2)} to ${formatMoment(fault.end, 2)}`,
      fault.had_effect ? `affected ${formatCount(affected)} on ${fault.effects.filter((each) => each.affected).length} hosts` : "had no effect"]};
  }

  private bucketHit(us: number): Hit | null {
    const {buckets} = this.data;
    const i = Math.floor((us - buckets.start) / buckets.width);
    if (!(i >= 0 && i < buckets.ok.length)) return null;
    const [ok, fail, info] = [buckets.ok[i]!, buckets.fail[i]!, buckets.info[i]!];
    const total = ok + fail + info;
    const start = buckets.start + i * buckets.width;
    return {lines: [`${formatMoment(start, 2)} to ${formatMoment(start + buckets.width, 2)}`,
      total ? `${formatCount(total)} started, ${(ok / total * 100).toFixed(1)}% succeeded` : "no operation started",
      `${ok} ok, ${fail} failed, ${info} unknown`]};
  }

  private laneHit(us: number, index: number): Hit | null {
    const lane = this.data.lanes[index];
    const segment = lane?.segments.find(([start, end]) => us >= start && us < end);
    if (!lane || !segment) return null;
    const [start, end, state, term] = segment;
    return {lines: [`${lane.node}: ${this.data.states[state]}`, term ? `term ${term}` : "",
      `${formatMoment(start)} to ${formatMoment(end)} (${formatSpan(end - start)})`].filter(Boolean)};
  }

  // Draws the pointer's line and the marked operation, and places the tool tip.
  private hover(hit: Hit | null, point: Point | null): void {
    this.surface.clearOverlay();
    this.surface.showTip(hit?.lines ?? null, point);
    if (!hit || !point) return;
    this.surface.rule(point.x, this.layout.panels.faults.top, this.layout.panels.axis.top);
    if (hit.index !== undefined) this.markOperation(hit.index);
  }

  private markOperation(index: number): void {
    const frame = this.surface.frame(this.surface.overlay);
    const {context} = frame;
    const at = this.pointOf(index);
    const until = this.operations!.end[index]!;
    const end = until === Infinity ? frame.right : Math.min(frame.right, xOf(frame, until));
    context.strokeStyle = theme().colour("ink");
    context.lineWidth = 2;
    context.beginPath();
    context.arc(at.x, at.y, 7, 0, 7);
    context.stroke();
    if (end > at.x + 7) { context.beginPath(); context.moveTo(at.x + 7, at.y); context.lineTo(end, at.y); context.stroke(); }
    this.current = index;
  }
}
