// A run that `fracas run --world sim` made, as the controller's API would tell of it.
import {execFileSync} from "node:child_process";
import {existsSync, readFileSync, readdirSync} from "node:fs";
import {join} from "node:path";
import {liveEvents} from "./live_events.mjs";

const lines = (path) => existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line)) : [];

// Runs an experiment in the simulated world; what it says is in `folder`.
export function simulate(fracas, experiment, folder, options = []) {
  try {
    execFileSync(fracas, ["run", experiment, "--world", "sim", "--out", folder, "--quiet", ...options], {stdio: "pipe"});
  } catch (error) {
    if (!existsSync(join(folder, "report.html"))) throw new Error(`${experiment}: ${error.stderr}`);
  }
}

// The operations as pairs of events: {process, f, key, input, output, start, end, kind}, times in nanoseconds.
function operationsOf(history) {
  const open = new Map();
  const operations = [];
  for (const event of history) {
    if (event.type === "invoke") {
      const operation = {process: event.process, f: event.f, key: event.key ?? "", input: event.value ?? null, output: null, start: event.time, end: Infinity, kind: 2};
      open.set(event.process, operation);
      operations.push(operation);
      continue;
    }
    const operation = open.get(event.process);
    if (!operation) continue;
    // A compare-and-set that did not match was answered, and had no effect.
    const mismatch = event.type === "fail" && event.error === "mismatch";
    operation.kind = event.type === "ok" || mismatch ? 0 : event.type === "fail" ? 1 : 2;
    if (mismatch) operation.output = "did not match";
    if (event.type !== "info") operation.end = event.time;
    if (event.type === "ok" && event.f === "read") operation.output = event.value ?? null;
    open.delete(event.process);
  }
  return operations;
}

// The columns of history.bin.
export function historyBytes(operations, origin) {
  const tables = {lanes: [], functions: [], keys: [], values: []};
  const indexes = Object.fromEntries(Object.keys(tables).map((name) => [name, new Map()]));
  const intern = (name, text) => {
    if (!indexes[name].has(text)) { indexes[name].set(text, tables[name].length); tables[name].push(text); }
    return indexes[name].get(text);
  };
  const value = (each) => each === null ? 0xffffffff : intern("values", typeof each === "string" ? each : JSON.stringify(each));
  const n = operations.length;
  const columns = [new Float64Array(n), new Float64Array(n), new Uint16Array(n), new Uint8Array(n), new Uint8Array(n), new Uint32Array(n), new Uint32Array(n), new Uint32Array(n)];
  operations.forEach((each, i) => {
    const row = [(each.start - origin) / 1e6, (each.end - origin) / 1e6, intern("lanes", each.process), each.kind, intern("functions", each.f), intern("keys", each.key), value(each.input), value(each.output)];
    row.forEach((cell, column) => { columns[column][i] = cell; });
  });
  const header = Buffer.from(JSON.stringify(tables));
  const parts = [Buffer.from("FRH1"), Buffer.from(Uint32Array.of(n, tables.lanes.length, header.length).buffer), header];
  let size = 16 + header.length;
  const pad = () => { const missing = (8 - size % 8) % 8; parts.push(Buffer.alloc(missing, " ")); size += missing; };
  pad();
  for (const column of columns) { parts.push(Buffer.from(column.buffer)); size += column.byteLength; pad(); }
  return Buffer.concat(parts);
}

const pageOf = (html) => JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)[1]);
const verdictNames = ["pass", "violated", "undecided", "vacuous", "aborted", "could-not-run", "bad-input", "cleanup-failed"];
const kindOf = (line) => line.startsWith("Passed") ? "pass" : line.startsWith("Violated") ? "violated" : line.startsWith("Vacuous") ? "vacuous"
  : verdictNames.find((name) => line.toLowerCase().replaceAll(" ", "-").startsWith(name)) ?? "undecided";

// `about`: id, started (ms since 1970), by, file, gameday.
export function readRun(folder, about) {
  const page = pageOf(readFileSync(join(folder, "report.html"), "utf8"));
  // When it was simulated is of no interest, and would be different every time.
  const started = `${new Date(about.started).toISOString().slice(0, 19)}Z`;
  const recorded = page.meta.at(-1);
  page.meta = page.meta.map((each) => each === recorded ? started : each);
  page.facts = page.facts.map(([label, value]) => [label, label === "Started" ? started : value]);
  const history = lines(join(folder, "history.jsonl"));
  const operations = operationsOf(history);
  const plan = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8"));
  const nodes = Object.fromEntries(plan.hosts.map((host) => [host, lines(join(folder, "nodes", host, "events.jsonl")).filter((event) => ["role", "start"].includes(event.event))]));
  const origin = history.length ? Math.min(operations[0].start, history[0].time) - page.operations.start[0] * 1000 : 0;
  const count = (kind) => operations.filter((each) => each.kind === kind).length;
  const took = operations.filter((each) => each.kind === 0).map((each) => each.end - each.start).sort((a, b) => a - b);
  const verdict = kindOf(page.verdict);
  const factOf = (name) => page.facts.find(([label]) => label === name)?.[1] ?? "";
  const counted = (fault) => fault.effects.reduce((sum, effect) => ({matched: sum.matched + effect.matched, affected: sum.affected + effect.affected}), {matched: 0, affected: 0});
  const summary = {
    id: about.id, name: page.name, doc: page.doc, file: about.file, world: "sim", target: factOf("Target"), seed: factOf("Seed"), state: "done", verdict,
    as_expected: page.tone === "good", headline: page.sentence, started: new Date(about.started).toISOString(), ended: new Date(about.started + page.span[1] / 1000).toISOString(),
    by: about.by ?? "ann", gameday: about.gameday ?? "", ok: count(0), fail: count(1), info: count(2), p99_ms: (took[Math.floor(took.length * 0.99)] ?? 0) / 1e6,
  };
  const details = {
    ...summary, error: "", notes: about.notes ?? [], files: readdirSync(folder, {withFileTypes: true}).filter((each) => each.isFile()).map((each) => each.name),
    phases: page.phases.map((phase) => ({name: phase.name, start_ms: phase.start / 1000, end_ms: phase.end / 1000})),
    faults: page.faults.map((fault) => ({name: fault.name, kind: fault.kind, start_ms: fault.start / 1000, end_ms: fault.end / 1000, victims: fault.effects.map((each) => each.host), counted: counted(fault)})),
    checks: page.checks.map((check) => ({name: check.name, verdict: check.verdict, text: check.summary})),
  };
  return {folder, summary, details, page, history: historyBytes(operations, origin), events: liveEvents({page, summary, plan, nodes, operations, origin})};
}
