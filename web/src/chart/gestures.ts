import type {View} from "./view.ts";

// Turns pointer, wheel and keys over a chart into changes of its view. The wheel zooms once the chart has the focus, or
// with Ctrl; before that it scrolls the page, as everywhere.

export interface Point {
  x: number;
  y: number;
}

export interface GestureTarget {
  view: View;
  usAt(x: number): number;
  hover(point: Point | null): void;
  select(span: {from: number; to: number} | null): void;  // pixels; while the pointer drags
  key(event: KeyboardEvent): boolean;  // further keys of the chart
}

interface Drag {
  from: Point;
  to: Point;
  pans: boolean;
  view: {from: number; to: number};
}

// Two fingers: what was under them when they came down.
interface Pinch {
  left: number;
  right: number;
}

export function listenToGestures(element: HTMLElement, target: GestureTarget): void {
  const {view} = target;
  const at = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return {x: event.clientX - box.left, y: event.clientY - box.top};
  };
  const pointers = new Map<number, Point>();
  let drag: Drag | null = null;
  let pinch: Pinch | null = null;

  const stop = (): void => { drag = null; pinch = null; pointers.clear(); target.select(null); };

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 && event.button !== 1) return;
    pointers.set(event.pointerId, at(event));
    if (pointers.size === 2) {
      const [left, right] = [...pointers.values()].map((each) => each.x).sort((a, b) => a - b) as [number, number];
      pinch = {left: target.usAt(left), right: target.usAt(right)};
      drag = null;
      return;
    }
    if (event.pointerType !== "touch") element.setPointerCapture(event.pointerId);
    drag = {from: at(event), to: at(event), pans: event.shiftKey || event.button === 1 || event.pointerType === "touch", view: {from: view.from, to: view.to}};
  });
  element.addEventListener("pointermove", (event) => {
    const point = at(event);
    if (pointers.has(event.pointerId)) pointers.set(event.pointerId, point);
    if (pinch) return pinchTo(view, pinch, [...pointers.values()], target);
    if (!drag) return target.hover(point);
    drag.to = point;
    if (!drag.pans) return target.select({from: Math.min(drag.from.x, point.x), to: Math.max(drag.from.x, point.x)});
    if (Math.abs(point.x - drag.from.x) < 4) return;
    const by = target.usAt(drag.from.x) - target.usAt(point.x);
    view.show(drag.view.from + by, drag.view.to + by);
  });
  element.addEventListener("pointerup", () => {
    const span = drag && !drag.pans ? [drag.from.x, drag.to.x].sort((a, b) => a - b) as [number, number] : null;
    const tapped = drag && Math.abs(drag.to.x - drag.from.x) < 4 ? drag.to : null;
    stop();
    if (span && span[1] - span[0] > 5) view.show(Math.max(view.from, target.usAt(span[0])), Math.min(view.to, target.usAt(span[1])));
    else if (tapped) target.hover(tapped);
  });
  element.addEventListener("pointercancel", () => { stop(); target.hover(null); });
  element.addEventListener("pointerleave", () => { if (!drag) target.hover(null); });
  element.addEventListener("dblclick", () => view.reset());
  element.addEventListener("wheel", (event) => {
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!sideways && !event.ctrlKey && document.activeElement !== element) return;
    event.preventDefault();
    const pixels = (sideways && event.deltaX ? event.deltaX : event.deltaY) * (event.deltaMode === 1 ? 16 : 1);
    if (sideways) view.move(pixels / element.clientWidth);
    else view.zoom(Math.exp(Math.max(-200, Math.min(200, pixels)) * 0.0025), target.usAt(at(event).x));
  }, {passive: false});
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Record<string, () => void> = {ArrowLeft: () => view.move(-0.25), ArrowRight: () => view.move(0.25),
      "+": () => view.zoom(0.5), "=": () => view.zoom(0.5), "-": () => view.zoom(2), "0": () => view.reset(), Escape: () => view.reset(),
      Home: () => view.show(view.first, view.first + view.span), End: () => view.show(view.last - view.span, view.last)};
    const action = actions[event.key];
    if (!action && !target.key(event)) return;
    event.preventDefault();
    event.stopPropagation();
    action?.();
  });
}

// Keeps the moments that the fingers took hold of under them.
function pinchTo(view: View, pinch: Pinch, points: Point[], target: GestureTarget): void {
  if (points.length < 2) return;
  const [left, right] = points.map((each) => each.x).sort((a, b) => a - b) as [number, number];
  if (right - left < 10) return;
  const perPixel = (pinch.right - pinch.left) / (right - left);
  const pixels = view.span / (target.usAt(1) - target.usAt(0));
  const from = pinch.left - (target.usAt(left) - view.from) / view.span * pixels * perPixel;
  view.show(from, from + pixels * perPixel);
}
