import {describe, expect, test} from "vitest";
import {faultColour, faultRows} from "../src/chart/fault_rows.ts";
import {LaneIndex, kNothing} from "../src/chart/lane_index.ts";
import {nextUnwell, unwellOf} from "../src/chart/operation_words.ts";
import {View, timeTicks} from "../src/chart/view.ts";
import {mergeLanes} from "../src/data/lanes.ts";
import {type Operations, exhibited} from "../src/data/operations.ts";
import type {RunData} from "../src/data/run_page.ts";

// A random history without overlap inside a lane, from one seed.
function history(count: number, lanes: number, seed: number): Operations {
  let state = seed;
  const random = (): number => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  const free = new Array<number>(lanes).fill(0);
  const rows = Array.from({length: count}, () => {
    const lane = Math.floor(random() * lanes);
    const start = free[lane]! + random() * 900;
    const end = start + 1 + random() * 400;
    free[lane] = end;
    const lot = random();
    return {lane, start, end: lot > 0.98 ? Infinity : end, outcome: lot > 0.98 ? 2 : lot > 0.95 ? 1 : 0};
  }).sort((a, b) => a.start - b.start);
  return {count, lanes: Array.from({length: lanes}, (_, i) => `c${i + 1}`), start: Float64Array.from(rows, (row) => row.start),
    end: Float64Array.from(rows, (row) => row.end), outcome: Uint8Array.from(rows, (row) => row.outcome),
    lane: Uint16Array.from(rows, (row) => row.lane), says: () => "", node: () => "", error: () => ""};
}

// What a lane shows, found by looking at every operation: what never completed is shown until its client went on.
function plainPaint(operations: Operations, lane: number, from: number, to: number, width: number): number[] {
  const rank = [1, 3, 2];
  const best = new Array<number>(width).fill(0);
  const mine = [...operations.start.keys()].filter((i) => operations.lane[i] === lane);
  mine.forEach((i, place) => {
    const next = mine[place + 1];
    const end = operations.end[i] === Infinity && next !== undefined ? operations.start[next]! : operations.end[i]!;
    if (end < from || operations.start[i]! > to) return;
    const column = (us: number): number => Math.floor((us - from) * width / (to - from));
    for (let x = Math.max(0, column(operations.start[i]!)); x <= Math.min(width - 1, column(end)); ++x)
      best[x] = Math.max(best[x]!, rank[operations.outcome[i]!]!);
  });
  return best.map((each) => [kNothing, 0, 2, 1][each]!);
}

describe("lane index", () => {
  const operations = history(4000, 7, 11);
  const index = new LaneIndex(operations);
  const last = operations.start[operations.count - 1]!;
  test.each([[0, last, 300], [last / 3, last / 2, 900], [last * 0.7, last * 0.7 + 5000, 640], [0, last, 40]])(
    "paints %d to %d on %d pixels as a look at every operation does", (from, to, width) => {
      const columns = new Uint8Array(width);
      for (let lane = 0; lane < 7; ++lane) {
        index.paint(lane, from, to, columns);
        expect([...columns]).toEqual(plainPaint(operations, lane, from, to, width));
      }
    });
  test("counts at least the operations that a span touches, and all of them over the whole run", () => {
    expect(index.countWithin(0, last)).toBe(4000);
    const [from, to] = [last * 0.4, last * 0.41];
    const touching = [...operations.start.keys()].filter((i) => operations.start[i]! <= to && operations.end[i]! >= from && operations.end[i] !== Infinity).length;
    expect(index.countWithin(from, to)).toBeGreaterThanOrEqual(touching);
    expect(index.countWithin(from, to)).toBeLessThan(touching + 7 * 4);
  });
  test("finds the operation that ran at a moment, and none where its lane was idle", () => {
    for (let i = 100; i < 3900; i += 317) {
      const middle = operations.end[i] === Infinity ? operations.start[i]! : (operations.start[i]! + operations.end[i]!) / 2;
      expect(index.at(operations.lane[i]!, middle, 0)).toBe(i);
    }
    expect(index.at(0, -50, 0)).toBeNull();
  });
});

test("what did not succeed is walked in both directions, and ends", () => {
  const operations = history(300, 3, 5);
  const unwell = unwellOf(operations);
  expect([...unwell]).toEqual([...operations.outcome.keys()].filter((i) => operations.outcome[i] !== 0));
  const walk = (by: 1 | -1): number[] => {
    const found: number[] = [];
    for (let at = nextUnwell(unwell, null, by); at !== null; at = nextUnwell(unwell, at, by)) found.push(at);
    return found;
  };
  expect(walk(1)).toEqual([...unwell]);
  expect(walk(-1)).toEqual([...unwell].reverse());
  expect(nextUnwell(unwell, unwell[1]! + 1, -1)).toBe(unwell[1]);
});

describe("view", () => {
  test("stays inside the run and keeps what is under the pointer", () => {
    const view = new View(0, 1_000_000);
    view.zoom(0.1, 900_000);
    expect([view.from, view.to].map(Math.round)).toEqual([810_000, 910_000]);
    view.move(5);
    expect(view.to).toBe(1_000_000);
    view.show(5, 6);
    expect(view.span).toBe(500);
    view.reset();
    expect(view.whole).toBe(true);
  });
  test("ticks are round and as fine as the view", () => {
    expect(timeTicks(new View(0, 43_000_000), 10)).toEqual({ticks: [0, 5, 10, 15, 20, 25, 30, 35, 40].map((each) => each * 1e6), digits: 0});
    expect(timeTicks(new View(0, 1000), 5).digits).toBe(4);
  });
});

test("faults that overlap stand in different rows, and one kind has one colour", () => {
  expect(faultRows([{start: 0, end: 10}, {start: 5, end: 8}, {start: 10, end: 12}, {start: 9, end: 20}])).toEqual([0, 1, 0, 1]);
  const faults = [{kind: "net.partition"}, {kind: "process.kill"}, {kind: "net.partition"}];
  expect(faultColour(faults, "net.partition")).toBe("fault-0");
  expect(faultColour(faults, "process.kill")).toBe("fault-1");
});

test("a counterexample's operations are found in the history by client and start", () => {
  const operations = history(200, 4, 3);
  const [a, b] = [17, 90];
  const shown = [a, b].map((i) => ({client: `${operations.lanes[operations.lane[i]!]}.2`, node: "", outcome: 0, start: Math.round(operations.start[i]!), took: 1, says: ""}));
  const data = {checks: [{counterexample: null}, {counterexample: {operations: shown}}]} as unknown as RunData;
  expect([...exhibited(data, operations)]).toEqual([a, b]);
});

test("a client that goes on under a new name keeps its lane", () => {
  expect(mergeLanes(["c2", "c10", "c2.1", "c2.14", "c10.1"])).toEqual({lanes: ["c2", "c10"], laneOf: Uint16Array.from([0, 1, 0, 0, 1])});
  expect(mergeLanes(["client 0 (n1)", "client 0.1 (n1)"]).lanes).toEqual(["client 0 (n1)"]);
});
