// The data that report.html carries and GET /api/v1/runs/ID/page answers. Times are whole microseconds since the start
// of the warm-up. Source: controller/report/page_data.

export type Tone = "good" | "bad" | "warn" | "neutral";

// The names of the outcomes 0, 1 and 2 of an operation, as they are drawn and as they are said.
export const kOutcomes = [
  {name: "ok", says: "ok"},
  {name: "fail", says: "failed"},
  {name: "info", says: "unknown"},
] as const;

export interface Phase {
  name: string;
  start: number;
  end: number;
}

export interface FaultEffect {
  host: string;
  mechanism: string;
  matched: number;
  affected: number;
  bytes: number;
  first: number | null;
  last: number | null;
}

export interface Fault {
  id: string;
  name: string;
  kind: string;
  description: string;
  start: number;
  end: number;
  had_effect: boolean;
  says: string;
  effects: FaultEffect[];
}

// [start, end, index into states, term or 0]
export type Segment = [number, number, number, number];

export interface NodeLane {
  node: string;
  segments: Segment[];
}

export interface Columns {
  start: number[];
  took: number[];  // -1: never completed
  outcome: number[];
  client: number[];  // index into clients; likewise node and error
  node: number[];
  error: number[];
  says: string[];
  clients: string[];
  nodes: string[];
  errors: string[];
}

export interface Buckets {
  start: number;
  width: number;
  ok: number[];
  fail: number[];
  info: number[];
}

export interface ShownOperation {
  client: string;
  node: string;
  outcome: number;
  start: number;
  took: number;  // -1: never completed
  says: string;
}

// An order that works as far as it goes: places operations by their index, and says why nothing can come next.
export interface DeadEnd {
  start: string;
  order: {operation: number; holds: string}[];
  refusals: {operation: number; why: string}[];
}

export interface Counterexample {
  key: string;
  sentence: string;
  under: string;  // the fault that it fell in, in words; may be empty
  notes: string[];
  operations: ShownOperation[];
  orders: DeadEnd[];
  edges: {from: number; to: number; label: string; why: string}[];
  faults: {id: string; what: string; start: number; end: number}[];
  marks: {at: number; what: string}[];
  picture: string;
}

export interface Check {
  name: string;
  verdict: string;
  tone: Tone;
  summary: string;
  details: string[];
  numbers: [string, string][];
  counterexample: Counterexample | null;
}

export interface RunData {
  format: number;
  tone: Tone;
  verdict: string;
  sentence: string;
  name: string;
  doc: string;
  meta: string[];
  stats: [string, string][];
  facts: [string, string][];
  replay: string;
  version: string;
  notices: string[];
  span: [number, number];
  phases: Phase[];
  states: string[];
  lanes: NodeLane[];
  outcome_counts: [number, number, number];
  operations: Columns | null;
  buckets: Buckets;
  faults: Fault[];
  checks: Check[];
}
