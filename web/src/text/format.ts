// How the page writes numbers and moments. Times inside a run are microseconds since it began.

// 1234567 becomes "1,234,567".
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

// A span of time with three significant digits: "840 µs", "12.3 ms", "1.53 s".
export function formatSpan(us: number): string {
  const [size, unit] = us >= 1e6 ? [1e6, "s"] as const : us >= 1e3 ? [1e3, "ms"] as const : [1, "µs"] as const;
  const value = us / size;
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${unit}`;
}

// A moment of the run: "12.345 s".
export function formatMoment(us: number, digits = 3): string {
  return `${(us / 1e6).toFixed(digits)} s`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const exponent = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** exponent).toFixed(1)} ${["B", "kB", "MB", "GB", "TB"][exponent]}`;
}

export function formatShare(part: number, whole: number): string {
  return whole > 0 ? `${(part / whole * 100).toFixed(part === whole ? 0 : 1)}%` : "–";
}

const two = (value: number): string => String(value).padStart(2, "0");

// A wall-clock moment in the reader's time zone: "2026-11-21 22:15:07"; "–" where there is none.
export function formatWall(text: string | null | undefined): string {
  const at = new Date(text ?? "");
  if (Number.isNaN(at.getTime())) return "–";
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

// How long ago, in one unit: "3 min ago"; moments ahead are "in 2 h".
export function formatAgo(text: string, now = Date.now()): string {
  const seconds = (now - new Date(text).getTime()) / 1000;
  if (Number.isNaN(seconds)) return "–";
  const size = Math.abs(seconds);
  const [unit, name] = size < 90 ? [1, "s"] as const : size < 5400 ? [60, "min"] as const : size < 129600 ? [3600, "h"] as const : [86400, "d"] as const;
  const count = Math.round(size / unit);
  return seconds >= 0 ? `${count} ${name} ago` : `in ${count} ${name}`;
}

// A length in seconds for people: "4 min 05 s".
export function formatLength(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  return whole < 3600 ? `${Math.floor(whole / 60)} min ${two(whole % 60)} s` : `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
}
