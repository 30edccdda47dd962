// The events of a run while it happens. Source: GET /api/v1/runs/ID/events.

export type Effect = "cut" | "slow" | "lossy" | "other";

export interface PlannedFault {
  name: string;
  kind: string;
  start_ms: number;
  end_ms: number;
  victims: string[];
}

export interface BeginEvent {
  type: "begin";
  at_ms: number;
  run: string;
  name: string;
  nodes: string[];
  clients: number;
  duration_ms: number;
  phases: {name: string; start_ms: number; end_ms: number}[];
  plan: PlannedFault[];
}

export interface OpsEvent {
  type: "ops";
  at_ms: number;
  ok: number;
  fail: number;
  info: number;
  p50_ms: number;
  p99_ms: number;
  samples: [number, number, number][];  // [end_ms, latency_ms, outcome]
}

export interface FaultEvent {
  type: "fault";
  at_ms: number;
  name: string;
  kind: string;
  state: "armed" | "ended" | "failed";
  victims: string[];
  links: [string, string][];  // directed
  effect: Effect;
  counted: Record<string, number>;
}

export interface VerdictEvent {
  type: "verdict";
  at_ms: number;
  verdict: string;
  headline: string;
  exit_code: number;
}

export type LiveEvent = BeginEvent | OpsEvent | FaultEvent | VerdictEvent
  | {type: "phase"; at_ms: number; name: string}
  | {type: "role"; at_ms: number; node: string; role: string; term: number}
  | {type: "node"; at_ms: number; node: string; state: "up" | "down" | "paused"}
  | {type: "log"; at_ms: number; level: string; text: string}
  | {type: "note"; at_ms: number; by: string; text: string};

export const kEventTypes: LiveEvent["type"][] = ["begin", "ops", "fault", "verdict", "phase", "role", "node", "log", "note"];
