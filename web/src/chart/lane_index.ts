import type {Operations} from "../data/operations.ts";

// Finds the operations of a lane and of a span of time without looking at all of them: each lane's operations in the
// order of their starts, in groups of which the span and the worst outcome are known.

const kGroup = 32;
export const kNothing = 255;

// Which outcome is seen where several fall on one pixel: failed before unknown before ok.
const kRank = [1, 3, 2];
const kOfRank = [kNothing, 0, 2, 1];

export class LaneIndex {
  private readonly order: Uint32Array;    // operations by lane, then by start
  private readonly begin: Uint32Array;    // of each lane in `order`; one more than there are lanes
  private readonly starts: Float64Array;  // by `order`
  private readonly ends: Float64Array;
  private readonly ranks: Uint8Array;
  private readonly latest: Float64Array;  // of each group, and of all of the lane before it: the latest end
  private readonly worst: Uint8Array;     // of each group: the highest rank
  private readonly groups: Uint32Array;   // of each lane: its first group

  constructor(operations: Operations) {
    const lanes = operations.lanes.length;
    this.begin = new Uint32Array(lanes + 1);
    for (let i = 0; i < operations.count; ++i) ++this.begin[operations.lane[i]! + 1]!;
    for (let lane = 0; lane < lanes; ++lane) this.begin[lane + 1]! += this.begin[lane]!;
    const next = this.begin.slice();
    this.order = new Uint32Array(operations.count);
    this.starts = new Float64Array(operations.count);
    this.ends = new Float64Array(operations.count);
    this.ranks = new Uint8Array(operations.count);
    for (let i = 0; i < operations.count; ++i) {
      const at = next[operations.lane[i]!]!++;
      this.order[at] = i;
      this.starts[at] = operations.start[i]!;
      this.ends[at] = operations.end[i]!;
      this.ranks[at] = kRank[operations.outcome[i]!] ?? 1;
    }
    // What never completed is shown until its client went on.
    for (let lane = 0; lane < lanes; ++lane)
      for (let at = this.begin[lane + 1]! - 1; at >= this.begin[lane]!; --at)
        if (this.ends[at] === Infinity && at + 1 < this.begin[lane + 1]!) this.ends[at] = this.starts[at + 1]!;
    this.groups = new Uint32Array(lanes + 1);
    for (let lane = 0; lane < lanes; ++lane) this.groups[lane + 1] = this.groups[lane]! + Math.ceil(this.size(lane) / kGroup);
    this.latest = new Float64Array(this.groups[lanes]!);
    this.worst = new Uint8Array(this.groups[lanes]!);
    for (let lane = 0; lane < lanes; ++lane) this.summarise(lane);
  }

  private summarise(lane: number): void {
    let latest = -Infinity;
    for (let at = this.begin[lane]!; at < this.begin[lane + 1]!; ++at) {
      const group = this.groups[lane]! + Math.floor((at - this.begin[lane]!) / kGroup);
      latest = Math.max(latest, this.ends[at]!);
      this.latest[group] = latest;
      this.worst[group] = Math.max(this.worst[group]!, this.ranks[at]!);
    }
  }

  size(lane: number): number { return this.begin[lane + 1]! - this.begin[lane]!; }

  // The places in `order` of the lane's operations that may touch [from, to].
  private range(lane: number, from: number, to: number): [number, number] {
    const [begin, end] = [this.begin[lane]!, this.begin[lane + 1]!];
    let [low, high] = [this.groups[lane]!, this.groups[lane + 1]!];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.latest[middle]! < from) low = middle + 1; else high = middle;
    }
    const first = Math.min(end, begin + (low - this.groups[lane]!) * kGroup);
    let [left, right] = [first, end];
    while (left < right) {
      const middle = (left + right) >> 1;
      if (this.starts[middle]! <= to) left = middle + 1; else right = middle;
    }
    return [first, left];
  }

  // How many operations of all lanes may touch [from, to]: never too few.
  countWithin(from: number, to: number): number {
    let count = 0;
    for (let lane = 0; lane + 1 < this.begin.length; ++lane) {
      const [first, last] = this.range(lane, from, to);
      count += last - first;
    }
    return count;
  }

  // Calls `visit(operation, start, end)` for those of a lane that touch [from, to], by start.
  eachWithin(lane: number, from: number, to: number, visit: (operation: number, start: number, end: number) => void): void {
    const [first, last] = this.range(lane, from, to);
    for (let at = first; at < last; ++at)
      if (this.ends[at]! >= from) visit(this.order[at]!, this.starts[at]!, this.ends[at]!);
  }

  // Fills `columns` with the outcome that is seen in each of its equal parts of [from, to], kNothing where none ran.
  paint(lane: number, from: number, to: number, columns: Uint8Array): void {
    columns.fill(0);
    const scale = columns.length / (to - from);
    const right = columns.length - 1;
    const [first, last] = this.range(lane, from, to);
    const begin = this.begin[lane]!;
    for (let at = first; at < last;) {
      const inGroup = (at - begin) % kGroup;
      const column = Math.floor((this.starts[at]! - from) * scale);
      if (inGroup === 0 && at + kGroup <= last && column >= 0) {
        const group = this.groups[lane]! + (at - begin) / kGroup;
        // A group that lies on one pixel and ends there is as good as one operation.
        if (Math.floor((this.latest[group]! - from) * scale) <= column) {
          if (this.worst[group]! > columns[column]!) columns[column] = this.worst[group]!;
          at += kGroup;
          continue;
        }
      }
      const rank = this.ranks[at]!;
      const end = Math.min(right, Math.floor((this.ends[at]! - from) * scale));
      for (let x = Math.max(0, column); x <= end; ++x) if (rank > columns[x]!) columns[x] = rank;
      ++at;
    }
    for (let x = 0; x <= right; ++x) columns[x] = kOfRank[columns[x]!]!;
  }

  // The operation of a lane that ran at `us`, the latest begun of several; else one whose span is at most `reach` away.
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
