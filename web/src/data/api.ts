// What the HTTP API answers. Source: lib/model/api.proto; docs/api.md.

export type Role = "viewer" | "operator" | "approver" | "admin";
const kRoles: Role[] = ["viewer", "operator", "approver", "admin"];
export const mayAs = (role: string | undefined, needed: Role): boolean => kRoles.indexOf((role ?? "") as Role) >= kRoles.indexOf(needed);

export interface Freeze {
  frozen: boolean;
  reason?: string;
  by?: string;
  since?: string;
}

export interface Me {
  name: string;
  role: Role;
  frozen: Freeze;
  version: string;
}

export type RunState = "waiting" | "running" | "stopping" | "done";

export interface RunSummary {
  id: string;
  name: string;
  doc: string;
  file: string;
  world: string;
  target: string;
  seed: string;
  state: RunState;
  verdict: string;
  as_expected: boolean;
  headline: string;
  started: string;
  ended: string;
  by: string;
  gameday: string;
  ok: number;
  fail: number;
  info: number;
  p99_ms: number;
}

export interface RunDetails extends RunSummary {
  phases: {name: string; start_ms: number; end_ms: number}[];
  faults: {name: string; kind: string; start_ms: number; end_ms: number; victims: string[]; counted: Record<string, number>}[];
  checks: {name: string; verdict: string; text: string}[];
  notes: {at_ms: number; by: string; text: string}[];
  files: string[];
  error: string;
}

export interface ExperimentEntry {
  file: string;
  name: string;
  doc: string;
  target: string;
  world: string;
  expect: string;
  group: string;
}

export interface Agent {
  host: string;
  kernel: string;
  faults: {kind: string; mechanism: string; accuracy: string; missing: string}[];
}

export interface AuditEntry {
  sequence: number;
  at: string;
  who: string;
  action: string;
  subject: string;
  details: string;
  hash: string;
}

export interface GameDay {
  name: string;
  doc: string;
  state: "planned" | "approved" | "running" | "stopped" | "done" | "missed";
  next: string;
  schedule: string;
  zone: string;
  approvers: string[];
  approved_by: string[];
  approvals: number;
  guards: string[];
  blind: boolean;
  experiments: {file: string; name: string; state: string; run: string | null; verdict: string}[];
  timeline: {at: string; kind: string; who: string; text: string}[];
  detect_s: number | null;
  mitigate_s: number | null;
  starts: string[];
}
