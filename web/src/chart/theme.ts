// The colours and fonts of the style sheet, resolved for canvases, in the light or dark scheme that is shown now.

const kNames = ["page", "surface", "ink", "ink-2", "ink-3", "line", "grid", "accent", "ok", "fail", "info", "bad", "warn", "good",
  "fault-0", "fault-1", "fault-2", "fault-3", "fault-4", "follower", "pre-candidate", "candidate", "leader", "down", "paused",
  "on-follower", "on-dark"] as const;

export interface Theme {
  colour(name: string): string;
  rgb(name: string): [number, number, number];
  sans: string;
  dark: boolean;
}

let present: Theme | null = null;
const listeners = new Set<() => void>();

// A custom property holds light-dark(…) unresolved; as the colour of an element it is resolved.
function readTheme(): Theme {
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const context = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true})!;
  const colours = new Map<string, string>();
  const rgbs = new Map<string, [number, number, number]>();
  for (const name of kNames) {
    probe.style.color = `var(--${name})`;
    const colour = getComputedStyle(probe).color;
    colours.set(name, colour);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
    rgbs.set(name, [red!, green!, blue!]);
  }
  const sans = getComputedStyle(document.body).fontFamily;
  probe.remove();
  const [red, green, blue] = rgbs.get("page")!;
  return {colour: (name) => colours.get(name) ?? "#888", rgb: (name) => rgbs.get(name) ?? [128, 128, 128], sans, dark: red + green + blue < 384};
}

export function theme(): Theme {
  present ??= readTheme();
  return present;
}

export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(): void {
  present = null;
  for (const listener of listeners) listener();
}

export type Choice = "auto" | "light" | "dark";
const kKey = "fracas-theme";

// Storage may be refused (a report opened from a file); the choice then lasts as long as the page.
export function themeChoice(): Choice {
  try {
    const stored = localStorage.getItem(kKey);
    return stored === "light" || stored === "dark" ? stored : "auto";
  } catch {
    return (document.documentElement.dataset.theme as Choice | undefined) ?? "auto";
  }
}

export function chooseTheme(choice: Choice): void {
  applyTheme(choice);
  try {
    localStorage.setItem(kKey, choice);
  } catch { /* it lasts as long as the page */ }
}

export function applyTheme(choice: Choice): void {
  if (choice === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  changed();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
