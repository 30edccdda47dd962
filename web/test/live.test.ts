import {describe, expect, test} from "vitest";
import {dayKey, monthDays} from "../src/app/calendar.ts";
import {linkTo, parseRoute} from "../src/app/route.ts";
import {mayAs} from "../src/data/api.ts";
import {readHistory} from "../src/data/history_bin.ts";
import {LiveRun} from "../src/live/live_run.ts";
import type {FaultEvent, LiveEvent} from "../src/live/events.ts";

const begin: LiveEvent = {type: "begin", at_ms: 0, run: "r", name: "n", nodes: ["n1", "n2", "n3"], clients: 2, duration_ms: 9000, phases: [], plan: []};
const fault = (name: string, state: FaultEvent["state"], more: Partial<FaultEvent> = {}): FaultEvent =>
  ({type: "fault", at_ms: 1000, name, kind: "net.partition", state, victims: ["n1"], links: [["n1", "n2"], ["n2", "n1"]], effect: "cut", counted: {}, ...more});
const ops = (at_ms: number, ok: number, fail: number, samples: [number, number, number][] = []): LiveEvent =>
  ({type: "ops", at_ms, ok, fail, info: 0, p50_ms: 1, p99_ms: 2, samples});

function runOf(...events: LiveEvent[]): LiveRun {
  const run = new LiveRun();
  for (const event of [begin, ...events]) run.apply(event);
  return run;
}

describe("a live run", () => {
  test("shows the strongest effect on each directed link, until its fault ends", () => {
    const run = runOf(fault("slow#1", "armed", {effect: "slow", links: [["n1", "n2"], ["n3", "n1"]]}), fault("cut#1", "armed"));
    expect(Object.fromEntries(run.links())).toEqual({"n1>n2": "cut", "n2>n1": "cut", "n3>n1": "slow"});
    run.apply(fault("cut#1", "ended", {at_ms: 2000, counted: {affected: 12}}));
    expect(Object.fromEntries(run.links())).toEqual({"n1>n2": "slow", "n3>n1": "slow"});
    expect(run.log.at(-1)!.text).toBe("cut#1 ended: 12 affected");
  });
  test("a fault that failed does not act", () => expect(runOf(fault("cut#1", "armed"), fault("cut#1", "failed")).acting()).toEqual([]));
  test("a fault without links afflicts its victims", () => {
    const run = runOf(fault("skew#1", "armed", {kind: "clock.skew", links: [], effect: "other"}));
    expect(run.afflictions("n1")).toEqual(["clock.skew"]);
    expect(run.afflictions("n2")).toEqual([]);
  });
  test("keeps roles, states and the order of nodes", () => {
    const run = runOf({type: "role", at_ms: 5, node: "n2", role: "leader", term: 3}, {type: "node", at_ms: 6, node: "n3", state: "down"});
    expect(run.ring().map((node) => [node.name, node.role, node.term, node.state])).toEqual([["n1", "", 0, "up"], ["n2", "leader", 3, "up"], ["n3", "", 0, "down"]]);
    expect(run.log.map((line) => line.text)).toEqual(["n2 leads in term 3", "n3 is down"]);
  });
  test("counts operations, and a step without any has no share", () => {
    const run = runOf(ops(250, 9, 1), ops(500, 0, 0));
    expect(run.totals).toEqual({ok: 9, fail: 1, info: 0});
    expect(run.rates.share).toEqual([0.9, null]);
    expect(run.rates.perSecond).toEqual([40, 0]);
  });
  test("thins out what succeeded of very long runs, never what did not", () => {
    const run = runOf();
    for (let i = 0; i < 400; ++i)
      run.apply(ops(i * 250, 200, 0, Array.from({length: 200}, (_, k) => [i * 250 + k, 1, k === 7 ? 1 : 0])));
    expect(run.samples.at.length).toBeLessThan(61_000);
    expect(run.samples.outcome.filter((each) => each === 1).length).toBe(400);
    expect(run.samples.at).toEqual([...run.samples.at].sort((a, b) => a - b));
  });
});

test("history.bin: columns, sentences and merged lanes; cut off bytes are refused", () => {
  const header = new TextEncoder().encode(JSON.stringify({lanes: ["c1", "c1.1"], functions: ["write", "cas"], keys: ["k7"], values: ["5", "[1,2]"]}));
  const start = Math.ceil((16 + header.length) / 8) * 8;
  const bytes = new ArrayBuffer(start + 16 + 16 + 8 + 8 + 8 + 8 + 8 + 8);
  const view = new DataView(bytes);
  new Uint8Array(bytes).set(new TextEncoder().encode("FRH1"));
  [2, 2, header.length].forEach((value, i) => view.setUint32(4 + i * 4, value, true));
  new Uint8Array(bytes).set(header, 16);
  [1.5, 2].forEach((value, i) => view.setFloat64(start + i * 8, value, true));
  [1.75, Infinity].forEach((value, i) => view.setFloat64(start + 16 + i * 8, value, true));
  view.setUint16(start + 32 + 2, 1, true);
  view.setUint8(start + 40 + 1, 2);
  view.setUint8(start + 48 + 1, 1);
  [0, 0].forEach((value, i) => view.setUint32(start + 56 + i * 4, value, true));
  [0, 1].forEach((value, i) => view.setUint32(start + 64 + i * 4, value, true));
  [0xffffffff, 0].forEach((value, i) => view.setUint32(start + 72 + i * 4, value, true));
  const cut = bytes.slice(0, start + 20);
  const operations = readHistory(bytes);
  expect([...operations.start]).toEqual([1500, 2000]);
  expect([...operations.end]).toEqual([1750, Infinity]);
  expect([operations.says(0), operations.says(1)]).toEqual(["write k7 = 5", "cas k7: 1->2 → 5"]);
  expect([operations.lanes, [...operations.lane], [...operations.outcome]]).toEqual([["c1"], [0, 0], [0, 2]]);
  expect(() => readHistory(cut)).toThrow("cut off");
  expect(() => readHistory(new ArrayBuffer(64))).toThrow("known format");
});

test("addresses keep odd names", () => {
  expect(parseRoute(linkTo("runs", "a/b ?#ü"))).toMatchObject({steps: ["runs", "a/b ?#ü"]});
  expect(parseRoute("#/runs?q=leader%20x").query.get("q")).toBe("leader x");
  expect(parseRoute("#/runs/%E0%A4%A").steps).toEqual(["runs", "%E0%A4%A"]);
});

test("a month is whole weeks from Monday on", () => {
  const days = monthDays(2026, 10);
  expect(days.length).toBe(42);
  expect([days[0]!.key, days.at(-1)!.key, days.filter((day) => day.inside).length]).toEqual(["2026-10-26", "2026-12-06", 30]);
  expect(monthDays(2026, 12)[4]!.key).toBe(dayKey(new Date(2027, 0, 1)));
});

test("roles build on each other, and nobody has none", () => {
  expect(mayAs("approver", "operator")).toBe(true);
  expect(mayAs("operator", "approver")).toBe(false);
  expect(mayAs(undefined, "viewer")).toBe(false);
});
