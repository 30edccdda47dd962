import type {Operations} from "../data/operations.ts";

// Finds the operations of a lane and of a span of time without looking at all of them.

export const kNothing = 255;

// In this order they are painted, so that what did not succeed is seen where several fall on one pixel.
const kPainted = [0, 2, 1];

// The operations of one outcome, by lane and then by start.
class Sorted {
  readonly order: Uint32Array;
  readonly begin: Uint32Array;  // of each lane in `order`; one more than there are lanes
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly reach: Float64Array;  // the latest end of this and of those before it on its lane

  constructor(operations: Operations, ends: Float64Array, outcome: number) {
    const lanes = operations.lanes.length;
    this.begin = new Uint32Array(lanes + 1);
    for (let i = 0; i < operations.count; ++i) if (operations.outcome[i] === outcome) ++this.begin[operations.lane[i]! + 1]!;
    for (let lane = 0; lane < lanes; ++lane) this.begin[lane + 1]! += this.begin[lane]!;
    const count = this.begin[lanes]!;
    const next = this.begin.slice();
    [this.order, this.starts, this.ends, this.reach] = [new Uint32Array(count), new Float64Array(count), new Float64Array(count), new Float64Array(count)];
    for (let i = 0; i < operations.count; ++i) {
      if (operations.outcome[i] !== outcome) continue;
      const lane = operations.lane[i]!;
      const at = next[lane]!++;
      this.order[at] = i;
      this.starts[at] = operations.start[i]!;
      this.ends[at] = ends[i]!;
      this.reach[at] = at > this.begin[lane]! ? Math.max(ends[i]!, this.reach[at - 1]!) : ends[i]!;
    }
  }

  // The places in `order` of the lane's operations that may touch [from, to].
  range(lane: number, from: number, to: number): [number, number] {
    let [low, high] = [this.begin[lane]!, this.begin[lane + 1]!];
    const end = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.reach[middle]! < from) low = middle + 1; else high = middle;
    }
    const first = low;
    high = end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle]! <= to) low = middle + 1; else high = middle;
    }
    return [first, low];
  }

  // The first place from `at` on, below `last`, whose start is not before `us`: near ones are found in few steps.
  private skip(at: number, last: number, us: number): number {
    let step = 1;
    let low = at;
    while (low + step < last && this.starts[low + step]! < us) { low += step; step *= 2; }
    let high = Math.min(last, low + step);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle]! < us) low = middle + 1; else high = middle;
    }
    return low;
  }

  // Sets to `value` each of the equal parts of [from, to] in which an operation of the lane ran. Of many on one part it
  // looks at the first, and at the last for how far they reach.
  paint(lane: number, from: number, to: number, columns: Uint8Array, value: number): void {
    const perColumn = (to - from) / columns.length;
    const right = columns.length - 1;
    const [first, last] = this.range(lane, from, to);
    for (let at = first; at < last;) {
      const column = Math.floor((this.starts[at]! - from) / perColumn);
      const next = Math.max(at + 1, this.skip(at, last, from + (column + 1) * perColumn));
      const end = Math.min(right, Math.floor((this.reach[next - 1]! - from) / perColumn));
      for (let x = Math.max(0, column); x <= end; ++x) columns[x] = value;
      at = next;
    }
  }
}

export class LaneIndex {
  private readonly byOutcome: Sorted[];

  constructor(private readonly operations: Operations) {
    // What never completed is shown until its client went on.
    const ends = operations.end.slice();
    const next = new Float64Array(operations.lanes.length).fill(Infinity);
    for (let i = operations.count - 1; i >= 0; --i) {
      const lane = operations.lane[i]!;
      if (ends[i] === Infinity) ends[i] = next[lane]!;
      next[lane] = operations.start[i]!;
    }
    this.byOutcome = [0, 1, 2].map((outcome) => new Sorted(operations, ends, outcome));
  }

  // How many operations of all lanes may touch [from, to]: never too few.
  countWithin(from: number, to: number): number {
    let count = 0;
    for (const sorted of this.byOutcome) {
      for (let lane = 0; lane < this.operations.lanes.length; ++lane) {
        const [first, last] = sorted.range(lane, from, to);
        count += last - first;
      }
    }
    return count;
  }

  // Calls `visit(operation, start, end)` for those of a lane that touch [from, to].
  eachWithin(lane: number, from: number, to: number, visit: (operation: number, start: number, end: number) => void): void {
    for (const outcome of kPainted) {
      const sorted = this.byOutcome[outcome]!;
      const [first, last] = sorted.range(lane, from, to);
      for (let at = first; at < last; ++at)
        if (sorted.ends[at]! >= from) visit(sorted.order[at]!, sorted.starts[at]!, sorted.ends[at]!);
    }
  }

  // Fills `columns` with the outcome that is seen in each of its equal parts of [from, to], kNothing where none ran.
  paint(lane: number, from: number, to: number, columns: Uint8Array): void {
    columns.fill(kNothing);
    for (const outcome of kPainted) this.byOutcome[outcome]!.paint(lane, from, to, columns, outcome);
  }

  // The operation of a lane that ran at `us`; else the nearest whose span is at most `reach` away.
  at(lane: number, us: number, reach: number): number | null {
    let best: number | null = null;
    let distance = reach;
    this.eachWithin(lane, us - reach, us + reach, (operation, start, end) => {
      const apart = us < start ? start - us : us > end ? us - end : 0;
      if (apart <= distance) { best = operation; distance = apart; }
    });
    return best;
  }
}
