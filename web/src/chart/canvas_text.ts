import type {Frame} from "./view.ts";
import {theme} from "./theme.ts";

// Text on canvases, in the page's own font.

export interface TextStyle {
  size?: number;
  weight?: number;
  colour?: string;  // a name of the theme
  align?: CanvasTextAlign;
}

const fontOf = (style: TextStyle): string => `${style.weight ?? 400} ${style.size ?? 11.5}px ${theme().sans}`;

export function drawText(frame: Frame, text: string, x: number, y: number, style: TextStyle = {}): void {
  const {context} = frame;
  context.font = fontOf(style);
  context.fillStyle = theme().colour(style.colour ?? "ink-3");
  context.textAlign = style.align ?? "left";
  context.textBaseline = "middle";
  context.fillText(text, x, y);
}

// The longest beginning of `text` that fits into `width`, with an ellipsis where it was cut; nothing if too little fits.
export function fitText(frame: Frame, text: string, width: number, style: TextStyle = {}): string {
  frame.context.font = fontOf(style);
  if (frame.context.measureText(text).width <= width) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (frame.context.measureText(text.slice(0, middle) + "…").width <= width) low = middle; else high = middle - 1;
  }
  return low > 2 ? text.slice(0, low) + "…" : "";
}
