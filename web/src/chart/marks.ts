import {theme} from "./theme.ts";

// The marks of operations: dots for ok, triangles for failed, crosses for unknown.

export interface Mark {
  canvas: HTMLCanvasElement;
  size: number;
}

// A small picture of a mark, drawn many times.
export function makeMark(outcome: 1 | 2, ratio: number): Mark {
  const size = 11;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * ratio;
  const context = canvas.getContext("2d")!;
  context.scale(ratio, ratio);
  context.translate(size / 2, size / 2);
  context.fillStyle = context.strokeStyle = theme().colour(outcome === 1 ? "fail" : "info");
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

// Adds up translucent dots pixel by pixel, which is many times faster than a canvas call for each of 100,000 operations.
export class Dots {
  readonly width: number;
  private readonly height: number;
  private readonly cover: Float32Array;
  private readonly stamp: {by: number; alpha: number}[] = [];
  private readonly margin: number;

  constructor(width: number, height: number, private readonly ratio: number) {
    this.width = Math.ceil(width * ratio);
    this.height = Math.ceil(height * ratio);
    this.cover = new Float32Array(this.width * this.height);
    const radius = 1.6 * ratio;
    this.margin = Math.ceil(radius);
    for (let y = -this.margin; y <= this.margin; ++y) {
      for (let x = -this.margin; x <= this.margin; ++x) {
        const alpha = 0.6 * Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x, y)));
        if (alpha > 0) this.stamp.push({by: y * this.width + x, alpha});
      }
    }
  }

  get pixels(): number { return this.cover.length; }

  // A dot at (x, y), unless so many lie there that one more would not be seen.
  add(x: number, y: number): void {
    const [column, row] = [Math.floor(x * this.ratio), Math.floor(y * this.ratio)];
    if (column < this.margin || row < this.margin || column >= this.width - this.margin || row >= this.height - this.margin) return;
    const at = row * this.width + column;
    if (this.cover[at]! > 0.97) return;
    for (const {by, alpha} of this.stamp) {
      const old = this.cover[at + by]!;
      this.cover[at + by] = old + (1 - old) * alpha;
    }
  }

  // Draws what was added with its upper left corner at (x, y).
  paint(context: CanvasRenderingContext2D, x: number, y: number, [red, green, blue]: [number, number, number]): void {
    const picture = new ImageData(this.width, this.height);
    const words = new Uint32Array(picture.data.buffer);
    const rgb = (blue << 16) | (green << 8) | red;
    for (let i = 0; i < this.cover.length; ++i) if (this.cover[i]! > 0) words[i] = ((this.cover[i]! * 255) << 24) | rgb;
    const canvas = new OffscreenCanvas(this.width, this.height);
    canvas.getContext("2d")!.putImageData(picture, 0, 0);
    context.drawImage(canvas, x, y, this.width / this.ratio, this.height / this.ratio);
  }
}
