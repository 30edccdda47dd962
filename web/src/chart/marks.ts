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
  private readonly radius: number;

  constructor(width: number, height: number, private readonly ratio: number) {
    this.width = Math.ceil(width * ratio);
    this.height = Math.ceil(height * ratio);
    this.cover = new Float32Array(this.width * this.height);
    this.radius = 1.6 * ratio;
  }

  get pixels(): number { return this.cover.length; }

  add(x: number, y: number): void {
    const [cx, cy, radius] = [x * this.ratio, y * this.ratio, this.radius];
    const [bottom, right] = [Math.min(this.height - 1, cy + radius), Math.min(this.width - 1, cx + radius)];
    for (let row = Math.max(0, Math.floor(cy - radius)); row <= bottom; ++row) {
      for (let column = Math.max(0, Math.floor(cx - radius)); column <= right; ++column) {
        const apart = Math.hypot(column + 0.5 - cx, row + 0.5 - cy);
        const alpha = 0.6 * Math.min(1, Math.max(0, radius + 0.5 - apart));
        const at = row * this.width + column;
        this.cover[at] = this.cover[at]! + (1 - this.cover[at]!) * alpha;
      }
    }
  }

  // Whether a further dot there would not be seen.
  full(x: number, y: number): boolean {
    return this.cover[Math.floor(y * this.ratio) * this.width + Math.floor(x * this.ratio)]! > 0.97;
  }

  // Draws what was added with its upper left corner at (x, y).
  paint(context: CanvasRenderingContext2D, x: number, y: number, [red, green, blue]: [number, number, number]): void {
    const picture = new ImageData(this.width, this.height);
    const words = new Uint32Array(picture.data.buffer);
    const rgb = (blue << 16) | (green << 8) | red;
    this.cover.forEach((cover, i) => { if (cover) words[i] = ((cover * 255) << 24) | rgb; });
    const canvas = new OffscreenCanvas(this.width, this.height);
    canvas.getContext("2d")!.putImageData(picture, 0, 0);
    context.drawImage(canvas, x, y, this.width / this.ratio, this.height / this.ratio);
  }
}
