import {onThemeChange, theme} from "./theme.ts";
import type {Frame, View} from "./view.ts";

// What every chart consists of: a focusable box with a canvas, a second canvas above it for what follows the pointer, a
// tool tip, and a line that screen readers hear. Draws at most once a frame.

export interface SurfaceOptions {
  label: string;  // what the chart is, and its keys
  view: View;
  draw(): void;
  layout(width: number): number;  // called after each change of size; answers the height
  left(narrow: boolean): number;  // room for labels
}

export class Surface {
  readonly element = document.createElement("div");
  readonly base = document.createElement("canvas");
  readonly overlay = document.createElement("canvas");
  readonly tip = document.createElement("div");
  readonly live = document.createElement("p");
  width = 0;
  height = 0;
  ratio = 1;
  narrow = false;
  private wanted = 0;
  private readonly ends: (() => void)[] = [];

  constructor(host: HTMLElement, private readonly options: SurfaceOptions) {
    this.element.className = "chart";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "application");
    this.element.setAttribute("aria-label", options.label);
    this.overlay.className = "overlay";
    this.tip.className = "tip";
    this.tip.hidden = true;
    this.live.className = "visually-hidden";
    this.live.setAttribute("aria-live", "polite");
    for (const canvas of [this.base, this.overlay]) canvas.setAttribute("aria-hidden", "true");
    this.element.append(this.base, this.overlay, this.tip);
    host.append(this.element, this.live);
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(this.element);
    this.ends.push(() => observer.disconnect(), onThemeChange(() => this.resize()), options.view.subscribe(() => this.redraw()));
  }

  // Takes the chart off the page.
  end(): void {
    for (const end of this.ends) end();
    if (this.wanted) cancelAnimationFrame(this.wanted);
    this.element.remove();
    this.live.remove();
  }

  resize(): void {
    this.width = this.element.clientWidth;
    if (!this.width) return;
    this.ratio = window.devicePixelRatio || 1;
    this.narrow = this.width < 560;
    this.height = this.options.layout(this.width);
    for (const canvas of [this.base, this.overlay]) {
      canvas.width = Math.round(this.width * this.ratio);
      canvas.height = Math.round(this.height * this.ratio);
      canvas.style.height = `${this.height}px`;
      canvas.getContext("2d")!.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    }
    this.redraw();
  }

  redraw(): void {
    this.wanted ||= requestAnimationFrame(() => {
      this.wanted = 0;
      if (!this.width) return;
      this.base.getContext("2d")!.clearRect(0, 0, this.width, this.height);
      this.options.draw();
    });
  }

  frame(canvas: HTMLCanvasElement = this.base): Frame {
    const left = this.options.left(this.narrow);
    const right = this.width - (this.narrow ? 8 : 16);
    return {context: canvas.getContext("2d")!, view: this.options.view, left, right, width: right - left};
  }

  clearOverlay(): void { this.overlay.getContext("2d")!.clearRect(0, 0, this.width, this.height); }

  shade(from: number, to: number, top: number, bottom: number): void {
    const context = this.overlay.getContext("2d")!;
    context.fillStyle = theme().colour("accent");
    context.globalAlpha = 0.18;
    context.fillRect(from, top, to - from, bottom - top);
    context.globalAlpha = 1;
  }

  rule(x: number, top: number, bottom: number): void {
    const frame = this.frame(this.overlay);
    if (x < frame.left || x > frame.right) return;
    frame.context.fillStyle = theme().colour("ink-3");
    frame.context.fillRect(Math.round(x), top, 1, bottom - top);
  }

  showTip(lines: readonly string[] | null, point: {x: number; y: number} | null): void {
    this.tip.hidden = !lines || !point;
    if (!lines || !point) return;
    const [first, ...rest] = lines;
    const title = document.createElement("b");
    title.textContent = first ?? "";
    this.tip.replaceChildren(title, ...rest.flatMap((line) => [document.createElement("br"), line]));
    const box = this.tip.getBoundingClientRect();
    const beyond = point.x + 16 + box.width > this.width;
    this.tip.style.left = `${Math.max(4, beyond ? point.x - box.width - 16 : point.x + 16)}px`;
    this.tip.style.top = `${Math.max(4, Math.min(point.y + 12, this.height - box.height - 4))}px`;
  }

  say(text: string): void { this.live.textContent = text; }
}
