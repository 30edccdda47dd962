// The span of time that charts show. Charts of one run share one view, so they always show the same moment.

const kSmallest = 500;  // microseconds

export class View {
  from: number;
  to: number;
  private readonly listeners = new Set<() => void>();

  constructor(readonly first: number, readonly last: number) {
    this.from = first;
    this.to = last;
  }

  get span(): number { return this.to - this.from; }
  get whole(): boolean { return this.from <= this.first && this.to >= this.last; }

  // Calls `listener` after each change; the result ends that.
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  // Shows [from, to], kept inside the run and no narrower than kSmallest.
  show(from: number, to: number): void {
    const span = Math.min(Math.max(to - from, kSmallest), this.last - this.first);
    this.from = Math.min(Math.max(from, this.first), this.last - span);
    this.to = this.from + span;
    for (const listener of this.listeners) listener();
  }

  reset(): void { this.show(this.first, this.last); }

  // Makes the span `factor` times as long; what stands at `at` stays where it is.
  zoom(factor: number, at = (this.from + this.to) / 2): void {
    const span = Math.min(Math.max(this.span * factor, kSmallest), this.last - this.first);
    const share = (at - this.from) / this.span;
    this.show(at - share * span, at - share * span + span);
  }

  // Moves by a share of the span.
  move(share: number): void { this.show(this.from + this.span * share, this.to + this.span * share); }
}

// Where a view is drawn: the pixels [left, right] of a canvas.
export interface Frame {
  context: CanvasRenderingContext2D;
  view: View;
  left: number;
  right: number;
  width: number;
}

export const xOf = (frame: Frame, us: number): number => frame.left + (us - frame.view.from) / frame.view.span * frame.width;
export const usAt = (frame: Frame, x: number): number => frame.view.from + (x - frame.left) / frame.width * frame.view.span;

// Round steps of about `count` in the view: 1, 2 or 5 times a power of ten, in microseconds.
export function timeTicks(view: View, count: number): {ticks: number[]; digits: number} {
  const raw = view.span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw) ?? power * 10;
  const ticks: number[] = [];
  for (let us = Math.ceil(view.from / step) * step; us <= view.to; us += step) ticks.push(us);
  return {ticks, digits: Math.max(0, 6 - Math.floor(Math.log10(step) + 1e-9))};
}
