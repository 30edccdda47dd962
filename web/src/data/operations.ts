import {clientOf, mergeLanes} from "./lanes.ts";
import type {Columns, RunData} from "./run_page.ts";

// The operations of a run as columns, sorted by start, with the lane (a client) that each belongs to. Times are
// microseconds since the run began.
export interface Operations {
  count: number;
  start: Float64Array;
  end: Float64Array;  // Infinity: never completed
  outcome: Uint8Array;  // 0 ok, 1 failed, 2 unknown
  lane: Uint16Array;
  lanes: string[];
  says(index: number): string;
  node(index: number): string;  // empty where it is not known
  error(index: number): string;
}

export function operationsOf(columns: Columns): Operations {
  const start = Float64Array.from(columns.start);
  const {lanes, laneOf} = mergeLanes(columns.clients);
  return {
    count: start.length,
    start,
    end: start.map((at, i) => columns.took[i]! < 0 ? Infinity : at + columns.took[i]!),
    outcome: Uint8Array.from(columns.outcome),
    lane: Uint16Array.from(columns.client, (client) => laneOf[client]!),
    lanes,
    says: (index) => columns.says[index] ?? "",
    node: (index) => columns.nodes[columns.node[index]!] ?? "",
    error: (index) => columns.errors[columns.error[index]!] ?? "",
  };
}

// Index of the first element that is not smaller than `value`; `sorted` ascends.
export function firstAtOrAfter(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1; else high = middle;
  }
  return low;
}

// The operations of all counterexamples of a run, found by client and start: the two are told to the microsecond.
export function exhibited(data: RunData, operations: Operations): Set<number> {
  const found = new Set<number>();
  for (const {client, start} of data.checks.flatMap((check) => check.counterexample?.operations ?? []))
    for (let i = firstAtOrAfter(operations.start, start - 1); i < operations.count && operations.start[i]! <= start + 1; ++i)
      if (operations.lanes[operations.lane[i]!] === clientOf(client)) found.add(i);
  return found;
}
