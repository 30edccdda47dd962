import {formatCount} from "../text/format.ts";
import type {BeginEvent, Effect, FaultEvent, LiveEvent, OpsEvent, VerdictEvent} from "./events.ts";

// What is known of a run while it happens: the sum of its events so far. Times are milliseconds since its start.

export interface LiveNode {
  name: string;
  role: string;  // "" = not known
  term: number;
  state: "up" | "down" | "paused";
}

export interface LiveFault {
  name: string;
  kind: string;
  start: number;
  end: number | null;  // null: it acts now
  failed: boolean;
  victims: string[];
  links: [string, string][];
  effect: Effect;
  counted: Record<string, number>;
}

export interface LogLine {
  at: number;
  kind: string;  // "fault", "role", "warning", …
  text: string;
}

const kLogMax = 1000;
const kSamplesMax = 60_000;
const kStrength: Effect[] = ["other", "slow", "lossy", "cut"];

export class LiveRun {
  begin: BeginEvent | null = null;
  verdict: VerdictEvent | null = null;
  now = 0;
  phase = "";
  readonly nodes = new Map<string, LiveNode>();
  readonly faults: LiveFault[] = [];
  readonly log: LogLine[] = [];
  readonly totals = {ok: 0, fail: 0, info: 0};
  p50 = 0;
  p99 = 0;
  perSecond = 0;
  // Columns for plots, by time.
  readonly samples = {at: [] as number[], latency: [] as number[], outcome: [] as number[]};
  readonly rates = {at: [] as number[], share: [] as (number | null)[], perSecond: [] as number[]};

  apply(event: LiveEvent): void {
    this.now = Math.max(this.now, event.at_ms);
    switch (event.type) {
      case "begin": this.start(event); break;
      case "phase": this.phase = event.name; this.say(event.at_ms, "phase", `phase ${event.name}`); break;
      case "ops": this.count(event); break;
      case "fault": this.fault(event); break;
      case "role": this.role(event.at_ms, event.node, event.role, event.term); break;
      case "node": this.node(event.node).state = event.state; this.say(event.at_ms, "node", `${event.node} is ${event.state}`); break;
      case "log": this.say(event.at_ms, event.level, event.text); break;
      case "note": this.say(event.at_ms, "note", `${event.by}: ${event.text}`); break;
      case "verdict": this.verdict = event; this.phase = "done"; this.say(event.at_ms, "verdict", `${event.verdict}: ${event.headline}`); break;
    }
  }

  // The nodes in the order in which the run named them.
  ring(): LiveNode[] { return [...this.nodes.values()]; }

  acting(): LiveFault[] { return this.faults.filter((fault) => fault.end === null && !fault.failed); }

  // What happens to traffic from one node to another now: the strongest effect of all faults, by "from>to".
  links(): Map<string, Effect> {
    const present = new Map<string, Effect>();
    for (const fault of this.acting()) {
      for (const [from, to] of fault.links) {
        const key = `${from}>${to}`;
        const old = present.get(key);
        if (!old || kStrength.indexOf(fault.effect) > kStrength.indexOf(old)) present.set(key, fault.effect);
      }
    }
    return present;
  }

  // The kinds of faults that act on a node itself, not on its links.
  afflictions(node: string): string[] {
    return [...new Set(this.acting().filter((fault) => fault.victims.includes(node) && !fault.links.length).map((fault) => fault.kind))];
  }

  private start(event: BeginEvent): void {
    this.begin = event;
    for (const name of event.nodes) this.node(name);
  }

  private node(name: string): LiveNode {
    let node = this.nodes.get(name);
    if (!node) this.nodes.set(name, node = {name, role: "", term: 0, state: "up"});
    return node;
  }

  private role(at: number, name: string, role: string, term: number): void {
    const node = this.node(name);
    const news = role === "leader" && (node.role !== role || node.term !== term);
    // Of two leaders the one of the older term does not know yet; both are shown as what they say they are.
    Object.assign(node, {role, term});
    if (news) this.say(at, "role", `${name} leads in term ${term}`);
  }

  private count(event: OpsEvent): void {
    const last = this.rates.at.at(-1) ?? 0;
    const total = event.ok + event.fail + event.info;
    const seconds = Math.max(0.05, (event.at_ms - last) / 1000);
    for (const name of ["ok", "fail", "info"] as const) this.totals[name] += event[name];
    this.rates.at.push(event.at_ms);
    this.rates.share.push(total ? event.ok / total : null);
    this.rates.perSecond.push(total / seconds);
    this.perSecond = total / seconds;
    if (event.ok) { this.p50 = event.p50_ms; this.p99 = event.p99_ms; }
    for (const [at, latency, outcome] of event.samples ?? []) {
      this.samples.at.push(at);
      this.samples.latency.push(latency);
      this.samples.outcome.push(outcome);
    }
    if (this.samples.at.length > kSamplesMax) this.thin();
  }

  // Keeps every second of the samples that succeeded, so that the whole run stays in view.
  private thin(): void {
    const {at, latency, outcome} = this.samples;
    let kept = 0;
    for (let i = 0; i < at.length; ++i) {
      if (outcome[i] === 0 && i % 2) continue;
      at[kept] = at[i]!; latency[kept] = latency[i]!; outcome[kept] = outcome[i]!;
      ++kept;
    }
    for (const column of [at, latency, outcome]) column.length = kept;
  }

  private fault(event: FaultEvent): void {
    // A fault whose victims nobody counted yet has none.
    event = {...event, victims: event.victims ?? [], links: event.links ?? [], counted: event.counted ?? {}};
    const known = this.faults.findLast((fault) => fault.name === event.name && fault.end === null);
    if (event.state === "armed" && !known) {
      this.faults.push({name: event.name, kind: event.kind, start: event.at_ms, end: null, failed: false, victims: event.victims,
        links: event.links, effect: event.effect, counted: event.counted});
    } else if (known) {
      Object.assign(known, {counted: event.counted}, event.state === "armed" ? {victims: event.victims, links: event.links, effect: event.effect}
        : {end: event.at_ms, failed: event.state === "failed"});
    }
    const counted = Object.entries(event.counted).filter(([, count]) => count).map(([what, count]) => `${formatCount(count)} ${what}`).join(", ");
    const on = event.victims.length ? ` on ${event.victims.join(", ")}` : "";
    this.say(event.at_ms, event.state === "failed" ? "error" : "fault", event.state === "ended" ? `${event.name} ended${counted && `: ${counted}`}`
      : `${event.name} (${event.kind}) ${event.state}${event.state === "armed" ? on : ""}`);
  }

  private say(at: number, kind: string, text: string): void {
    this.log.push({at, kind, text});
    if (this.log.length > kLogMax) this.log.splice(0, this.log.length - kLogMax);
  }
}
