import type {RunData} from "../data/run_page.ts";
import {type Operations, exhibited} from "../data/operations.ts";
import {formatCount, formatMoment} from "../text/format.ts";
import {drawText, fitText} from "./canvas_text.ts";
import {type Point, listenToGestures} from "./gestures.ts";
import {LaneIndex, kNothing} from "./lane_index.ts";
import {nextUnwell, operationLines, unwellOf} from "./operation_words.ts";
import {Surface} from "./surface.ts";
import {theme} from "./theme.ts";
import {drawBands, drawGrid} from "./timeline_panels.ts";
import {type Frame, type View, usAt, xOf} from "./view.ts";

// Every operation as a bar on its client's lane. Many of them are painted pixel by pixel; few have edges and words.

const kTop = 4;
const kAxis = 26;
const kBarsMax = 2500;  // more operations than this in the view are painted
const kColours = ["ok", "fail", "info"];

export class SwimLanes {
  private readonly surface: Surface;
  private readonly index: LaneIndex;
  private readonly unwell: Uint32Array;
  private lane = 18;  // height of one
  private current: number | null = null;
  private readonly highlighted: ReadonlySet<number>;  // of counterexamples

  constructor(host: HTMLElement, private readonly data: RunData, private readonly operations: Operations, private readonly view: View) {
    this.index = new LaneIndex(operations);
    this.unwell = unwellOf(operations);
    this.highlighted = exhibited(data, operations);
    this.surface = new Surface(host, {
      label: `History: ${formatCount(operations.count)} operations of ${operations.lanes.length} clients. Arrow left and right move, plus and minus zoom, ` +
             "0 shows everything, arrow up and down choose a client, comma and full stop its previous and next operation, " +
             "N and P the next and previous operation that did not succeed.",
      view,
      layout: () => {
        const lanes = operations.lanes.length;
        this.lane = lanes <= 16 ? 20 : lanes <= 40 ? 13 : lanes <= 120 ? 7 : 4;
        return kTop + lanes * this.lane + kAxis;
      },
      left: (narrow) => narrow ? 56 : 84,
      draw: () => this.draw(),
    });
    listenToGestures(this.surface.element, {
      view,
      usAt: (x) => usAt(this.surface.frame(), x),
      hover: (point) => this.point(point),
      select: (span) => {
        this.clear();
        if (span) this.surface.shade(span.from, span.to, kTop, this.bottom);
      },
      key: (event) => this.key(event.key),
    });
    this.surface.resize();
  }

  end(): void { this.surface.end(); }

  private get bottom(): number { return kTop + this.operations.lanes.length * this.lane; }

  private draw(): void {
    const frame = this.surface.frame();
    drawGrid(frame, kTop, {top: this.bottom, height: kAxis, bottom: this.bottom + kAxis});
    drawBands(frame, this.data, kTop, this.bottom);
    this.drawNames(frame);
    const {from, to} = this.view;
    if (this.index.countWithin(from, to) > kBarsMax) this.paintLanes(frame); else this.drawBars(frame);
    for (const operation of this.highlighted) this.outline(frame, operation, "bad");
    this.clear();
    this.surface.say(`Showing ${formatMoment(from)} to ${formatMoment(to)}`);
  }

  private drawNames(frame: Frame): void {
    const step = Math.max(1, Math.ceil(12 / this.lane));
    this.operations.lanes.forEach((name, lane) => {
      if (lane % step) return;
      const style = {align: "right", size: 11, colour: "ink-2"} as const;
      drawText(frame, fitText(frame, name, frame.left - 10, style), frame.left - 7, kTop + (lane + 0.5) * this.lane, style);
    });
  }

  // One pixel high a lane, stretched to its height.
  private paintLanes(frame: Frame): void {
    const ratio = this.surface.ratio;
    const width = Math.max(1, Math.round(frame.width * ratio));
    const lanes = this.operations.lanes.length;
    const picture = new ImageData(width, lanes);
    const words = new Uint32Array(picture.data.buffer);
    const colours = kColours.map((name) => { const [red, green, blue] = theme().rgb(name); return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0; });
    const columns = new Uint8Array(width);
    for (let lane = 0; lane < lanes; ++lane) {
      this.index.paint(lane, this.view.from, this.view.to, columns);
      for (let x = 0; x < width; ++x) if (columns[x] !== kNothing) words[lane * width + x] = colours[columns[x]!]!;
    }
    const canvas = new OffscreenCanvas(width, lanes);
    canvas.getContext("2d")!.putImageData(picture, 0, 0);
    frame.context.imageSmoothingEnabled = false;
    const gap = this.lane > 6 ? 3 : 1;
    for (let lane = 0; lane < lanes; ++lane)
      frame.context.drawImage(canvas, 0, lane, width, 1, frame.left, kTop + lane * this.lane + 1, frame.width, this.lane - gap);
  }

  private drawBars(frame: Frame): void {
    const {context} = frame;
    for (let lane = 0; lane < this.operations.lanes.length; ++lane) {
      const top = kTop + lane * this.lane + 1;
      this.index.eachWithin(lane, this.view.from, this.view.to, (operation, start, end) => {
        const left = Math.max(frame.left, xOf(frame, start));
        const right = Math.min(frame.right, xOf(frame, end));
        const outcome = this.operations.outcome[operation]!;
        context.fillStyle = theme().colour(kColours[outcome]!);
        context.globalAlpha = outcome === 0 ? 0.85 : 1;
        context.fillRect(left, top, Math.max(1, right - left - (right - left > 3 ? 1 : 0)), this.lane - 3);
        context.globalAlpha = 1;
        if (right - left < 60 || this.lane < 12) return;
        const style = {size: 11, colour: "surface"};
        drawText(frame, fitText(frame, this.operations.says(operation), right - left - 8, style), left + 4, top + (this.lane - 3) / 2 + 0.5, style);
      });
    }
  }

  private outline(frame: Frame, operation: number, colour: string): void {
    const left = Math.max(frame.left, xOf(frame, this.operations.start[operation]!));
    const right = Math.min(frame.right, xOf(frame, this.operations.end[operation]!));
    if (right < frame.left || left > frame.right) return;
    frame.context.strokeStyle = theme().colour(colour);
    frame.context.lineWidth = 2;
    frame.context.strokeRect(left - 1, kTop + this.operations.lane[operation]! * this.lane, Math.max(4, right - left + 2), this.lane - 1);
  }

  private clear(): void {
    this.surface.clearOverlay();
    this.surface.showTip(null, null);
  }

  private point(point: Point | null): void {
    this.clear();
    const frame = this.surface.frame();
    if (!point || point.x < frame.left || point.x > frame.right) return;
    this.surface.rule(point.x, kTop, this.bottom);
    const lane = Math.floor((point.y - kTop) / this.lane);
    if (lane < 0 || lane >= this.operations.lanes.length) return;
    const operation = this.index.at(lane, usAt(frame, point.x), this.view.span / frame.width * 3);
    if (operation !== null) this.choose(operation, point);
    else this.surface.showTip([this.operations.lanes[lane]!, `nothing ran at ${formatMoment(usAt(frame, point.x))}`], point);
  }

  private choose(operation: number, point: Point): void {
    this.current = operation;
    this.outline(this.surface.frame(this.surface.overlay), operation, "ink");
    this.surface.showTip(operationLines(this.operations, operation), point);
  }

  // Goes to an operation and tells about it.
  private goTo(operation: number | null): void {
    if (operation === null) {
      this.surface.say("No further operation of that kind.");
      return;
    }
    const start = this.operations.start[operation]!;
    if (start < this.view.from || start > this.view.to) this.view.show(start - this.view.span / 2, start + this.view.span / 2);
    this.current = operation;
    // After the frame that the view has asked for, which clears what follows the pointer.
    requestAnimationFrame(() => {
      this.clear();
      this.choose(operation, {x: xOf(this.surface.frame(), start), y: kTop + (this.operations.lane[operation]! + 1) * this.lane});
      this.surface.say(operationLines(this.operations, operation).join(", "));
    });
  }

  private key(key: string): boolean {
    const {current} = this;
    const unwell = key === "n" || key === "N" ? 1 : key === "p" || key === "P" ? -1 : 0;
    if (unwell) this.goTo(nextUnwell(this.unwell, current, unwell));
    else if (key === "," || key === ".") this.goTo(this.neighbour(key === "." ? 1 : -1));
    else if (key === "ArrowUp" || key === "ArrowDown") this.goTo(this.otherLane(key === "ArrowDown" ? 1 : -1));
    else return false;
    return true;
  }

  // The next operation of the same client.
  private neighbour(by: 1 | -1): number | null {
    if (this.current === null) return this.otherLane(1);
    const lane = this.operations.lane[this.current]!;
    let index = this.current + by;
    while (index >= 0 && index < this.operations.count && this.operations.lane[index] !== lane) index += by;
    return index >= 0 && index < this.operations.count ? index : null;
  }

  // What another client did at the moment of the chosen operation, else in the middle of the view.
  private otherLane(by: 1 | -1): number | null {
    const lanes = this.operations.lanes.length;
    const at = this.current === null ? (this.view.from + this.view.to) / 2 : this.operations.start[this.current]!;
    const begin = this.current === null ? (by > 0 ? -1 : lanes) : this.operations.lane[this.current]!;
    for (let lane = begin + by; lane >= 0 && lane < lanes; lane += by) {
      const operation = this.index.at(lane, at, this.view.span);
      if (operation !== null) return operation;
    }
    return null;
  }
}
