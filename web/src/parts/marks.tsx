import type {Tone} from "../data/run_page.ts";

// Verdicts and states: each has a shape of its own and its word, so that nothing depends on telling colours apart.

export type Kind = "pass" | "violated" | "undecided" | "vacuous" | "aborted" | "could-not-run" | "cleanup-failed" | "bad-input" |
  "waiting" | "running" | "stopping" | "stopped" | "planned" | "approved" | "done" | "missed";

const stroke = {fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-linecap": "round", "stroke-linejoin": "round"} as const;
const cut = {fill: "none", stroke: "var(--surface)", "stroke-width": 1.9, "stroke-linecap": "round", "stroke-linejoin": "round"} as const;

function Shape({kind}: {kind: Kind}) {
  switch (kind) {
    case "pass": case "done": return <><circle cx="8" cy="8" r="7" fill="currentColor"/><path {...cut} d="M4.8 8.3 7 10.5l4.3-4.8"/></>;
    case "violated": return <><path fill="currentColor" d="M8 .4 15.6 8 8 15.6.4 8Z"/><path {...cut} d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6"/></>;
    case "undecided": return <><circle cx="8" cy="8" r="6.6" {...stroke}/><path {...stroke} d="M6.2 6.3c.2-2.3 3.7-2.2 3.6 0C9.8 7.7 8 7.7 8 9.2m0 2.3v.01"/></>;
    case "vacuous": return <circle cx="8" cy="8" r="6.4" {...stroke} stroke-dasharray="2.5 2.7"/>;
    case "aborted": case "stopped": return <rect x="1.5" y="1.5" width="13" height="13" rx="2" fill="currentColor"/>;
    case "cleanup-failed": return <><path fill="currentColor" d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5Z"/><path {...cut} d="M8 4.2v4.4m0 2.8v.01"/></>;
    case "could-not-run": case "bad-input": case "missed": return <><path fill="currentColor" d="M8 1 15.6 14.5H.4Z"/><path {...cut} d="M8 6v4m0 2.3v.01"/></>;
    case "running": return <><circle cx="8" cy="8" r="6.4" {...stroke} opacity="0.3"/><path class="spin" {...stroke} d="M8 1.6a6.4 6.4 0 0 1 6.4 6.4"/></>;
    case "stopping": return <><circle cx="8" cy="8" r="6.4" {...stroke}/><rect x="5.5" y="5.5" width="5" height="5" fill="currentColor"/></>;
    case "approved": return <><circle cx="8" cy="8" r="6.4" {...stroke}/><path {...stroke} d="M5 8.3 7.1 10.4l3.9-4.4"/></>;
    case "waiting": case "planned": return <><circle cx="8" cy="8" r="6.4" {...stroke}/><path {...stroke} d="M8 4.5V8l2.3 1.6"/></>;
  }
}

const kTones: Record<Kind, Tone | "accent"> = {pass: "good", violated: "bad", undecided: "warn", vacuous: "warn", aborted: "neutral",
  "could-not-run": "warn", "cleanup-failed": "bad", "bad-input": "warn", waiting: "neutral", running: "accent", stopping: "accent",
  stopped: "neutral", planned: "neutral", approved: "accent", done: "good", missed: "warn"};

export function Glyph({kind}: {kind: Kind}) {
  return <svg viewBox="0 0 16 16" aria-hidden="true"><Shape kind={kind}/></svg>;
}

// "violated, as expected" keeps the shape of what happened and has the tone of what was wanted.
export function Mark({kind, word, tone}: {kind: string; word?: string; tone?: Tone}) {
  const known = kind in kTones ? kind as Kind : "undecided";
  return <span class={`mark ${tone ?? kTones[known]}`}><Glyph kind={known}/>{word ?? kind.replaceAll("-", " ")}</span>;
}

// The shape for the verdict line of a report.
export function kindOfLine(line: string): Kind {
  const starts: [string, Kind][] = [["Passed", "pass"], ["Violated", "violated"], ["Undecided", "undecided"], ["Vacuous", "vacuous"],
    ["Aborted", "aborted"], ["Could not run", "could-not-run"], ["Clean-up failed", "cleanup-failed"], ["Bad input", "bad-input"]];
  return starts.find(([start]) => line.startsWith(start))?.[1] ?? "undecided";
}

// The mark of an operation's outcome, as the charts draw it.
export function OutcomeIcon({outcome}: {outcome: number}) {
  const shapes = ["M6 2.5a3.5 3.5 0 1 0 .01 0Z", "M6 1 11 10.5H1Z", "M2 2 10 10M10 2 2 10"];
  const colour = `var(--${["ok", "fail", "info"][outcome]})`;
  return <svg viewBox="0 0 12 12" aria-hidden="true">
    <path d={shapes[outcome]} fill={outcome === 2 ? "none" : colour} stroke={outcome === 2 ? colour : "none"} stroke-width="2"/>
  </svg>;
}
