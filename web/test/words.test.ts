import {describe, expect, test} from "vitest";
import type {Counterexample} from "../src/data/run_page.ts";
import {layoutProof, orderPoints} from "../src/run/proof_layout.ts";
import {formatAgo, formatBytes, formatCount, formatLength, formatMoment, formatShare, formatSpan, formatWall} from "../src/text/format.ts";

describe("numbers for people", () => {
  test.each([[1234567, "1,234,567"], [999, "999"], [0, "0"]])("count %d is %s", (value, says) => expect(formatCount(value)).toBe(says));
  test.each([[840, "840 µs"], [12345, "12.3 ms"], [1.53e6, "1.53 s"]])("span %d is %s", (us, says) => expect(formatSpan(us)).toBe(says));
  test.each([[5, "5 B"], [46700, "46.7 kB"], [2.5e9, "2.5 GB"]])("%d bytes are %s", (bytes, says) => expect(formatBytes(bytes)).toBe(says));
  test.each([[4.23, "4.2 s"], [45, "45 s"], [245, "4 min 05 s"], [7320, "2 h 02 min"]])("%d seconds are %s", (seconds, says) =>
    expect(formatLength(seconds)).toBe(says));
  test("moments, shares and wall clocks", () => {
    expect(formatMoment(12_345_678)).toBe("12.346 s");
    expect(formatShare(1, 3)).toBe("33.3%");
    expect(formatShare(0, 0)).toBe("–");
    expect(formatWall(null)).toBe("–");
    expect(formatWall("nonsense")).toBe("–");
    const now = Date.parse("2026-11-21T22:15:00Z");
    expect(formatAgo("2026-11-21T22:12:00Z", now)).toBe("3 min ago");
    expect(formatAgo("2026-11-24T22:15:00Z", now)).toBe("in 3 d");
  });
});

describe("the drawing of a counterexample", () => {
  const operation = (client: string, start: number, took: number, says: string) => ({client, node: "n1", outcome: took < 0 ? 2 : 0, start, took, says});
  const example: Counterexample = {
    key: "k7", sentence: "", under: "", notes: [], picture: "", edges: [],
    operations: [operation("c9", 4812311, 1691, "write k7 = 40"), operation("c4.1", 5120044, -1, "write k7 = 39"),
      operation("c2", 6911207, 2747, "write k7 = 41"), operation("c10", 8314209, 810, "read k7 → 40")],
    orders: [{start: "nothing", order: [{operation: 0, holds: "40"}, {operation: 2, holds: "41"}], refusals: [{operation: 3, why: "does not fit"}]}],
    faults: [{id: "ring#1", what: "net.partition", start: 5_000_000, end: 15_000_000}],
    marks: [{at: 6_400_000, what: "n3 became leader"}, {at: 60_000_000, what: "later"}],
  };
  const layout = layoutProof(example, 900);
  test("fills the width, and every label fits on its bar", () => {
    expect(layout.width).toBeCloseTo(900, 0);
    example.operations.forEach((each, i) => expect(layout.bars[i]!.right - layout.bars[i]!.left).toBeGreaterThan(each.says.length * 6));
  });
  test("keeps the order of moments", () => {
    expect(layout.bars[0]!.right).toBeLessThan(layout.bars[1]!.left);
    expect(layout.bars[2]!.right).toBeLessThan(layout.bars[3]!.left);
    expect(layout.bars[1]!.right).toBeGreaterThan(layout.bars[3]!.right);
    expect(layout.bands[0]!.left).toBeGreaterThan(layout.bars[0]!.right);
    expect(layout.marks.map((mark) => mark.what)).toEqual(["n3 became leader"]);
  });
  test("clients stand in the order of their numbers", () => expect(layout.lanes.map((lane) => lane.client)).toEqual(["c2", "c4.1", "c9", "c10"]));
  test("the points of an order lie in their bars and go to the right", () => {
    const points = orderPoints(layout, example.orders[0]!);
    points.forEach((point, i) => {
      const bar = layout.bars[example.orders[0]!.order[i]!.operation]!;
      expect(point.x).toBeGreaterThanOrEqual(bar.left);
      expect(point.x).toBeLessThanOrEqual(bar.right);
      if (i) expect(point.x).toBeGreaterThan(points[i - 1]!.x);
    });
  });
});
