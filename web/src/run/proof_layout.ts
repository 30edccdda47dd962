import type {Counterexample, DeadEnd} from "../data/run_page.ts";

// Where the parts of a counterexample are drawn. Distances in time are compressed: what matters is which operation ended
// before which began.

export interface Bar {
  left: number;
  right: number;
  top: number;
  open: boolean;  // never completed
}

export interface ProofLayout {
  width: number;
  height: number;
  lanes: {client: string; y: number}[];
  bars: Bar[];  // by operation
  bands: {left: number; right: number; id: string; what: string}[];
  marks: {x: number; what: string}[];
}

export const kBar = 20;
const kLaneHeight = 38;
const kBandNames = 22;  // room for the names of faults
const kLeft = 52;
const kRight = 24;
const kCharacter = 6.4;  // a generous width

// The widths of the gaps between successive moments, wide enough for every label on its bar.
function gapWidths(moments: number[], spans: {from: number; to: number; wanted: number}[]): number[] {
  const gaps = moments.slice(1).map((at, i) => at - moments[i]!);
  const smallest = Math.min(...gaps, Infinity);
  const widths = gaps.map((gap) => 18 + 8 * Math.log2(1 + gap / smallest));
  for (const {from, to, wanted} of [...spans].sort((a, b) => (a.to - a.from) - (b.to - b.from))) {
    const present = widths.slice(from, to).reduce((sum, each) => sum + each, 0);
    if (present > 0 && present < wanted) for (let i = from; i < to; ++i) widths[i] = widths[i]! * wanted / present;
  }
  return widths;
}

// `width`: the room there is; the drawing is wider where its labels need it.
export function layoutProof(example: Counterexample, width: number): ProofLayout {
  const {operations} = example;
  const latest = Math.max(...operations.map((each) => each.start + Math.max(0, each.took)));
  const earliest = Math.min(...operations.map((each) => each.start));
  const never = latest + Math.max(1, (latest - earliest) * 0.1);
  const ends = operations.map((each) => each.took < 0 ? never : each.start + each.took);
  const moments = [...new Set([...operations.map((each) => each.start), ...ends])].sort((a, b) => a - b);
  const indexOf = new Map(moments.map((at, i) => [at, i]));
  const widths = gapWidths(moments, operations.map((each, i) =>
    ({from: indexOf.get(each.start)!, to: indexOf.get(ends[i]!)!, wanted: each.says.length * kCharacter + 16})));
  const total = widths.reduce((sum, each) => sum + each, 0);
  const stretch = total > 0 ? Math.max(1, (width - kLeft - kRight) / total) : 1;
  const xs = [kLeft];
  for (const each of widths) xs.push(xs.at(-1)! + each * stretch);

  // Other moments stand between those of the operations, in proportion.
  const xOf = (us: number): number => {
    if (us <= moments[0]!) return kLeft - 8;
    const after = moments.findIndex((at) => at >= us);
    if (after < 0) return xs.at(-1)! + 8;
    const [low, high] = [moments[after - 1]!, moments[after]!];
    return xs[after - 1]! + (us - low) / (high - low) * (xs[after]! - xs[after - 1]!);
  };
  const clients = [...new Set(operations.map((each) => each.client))].sort((a, b) => a.localeCompare(b, "en", {numeric: true}));
  const top = example.faults.length ? 12 + kBandNames : 12;
  const lanes = clients.map((client, lane) => ({client, y: top + lane * kLaneHeight + kBar / 2 + 10}));
  return {
    width: xs.at(-1)! + kRight,
    height: top + clients.length * kLaneHeight + 8,
    lanes,
    bars: operations.map((each, i) => ({left: xs[indexOf.get(each.start)!]!, right: Math.max(xs[indexOf.get(ends[i]!)!]!, xs[indexOf.get(each.start)!]! + 4),
      top: lanes[clients.indexOf(each.client)]!.y - kBar / 2, open: each.took < 0})),
    bands: example.faults.map((fault) => ({left: xOf(fault.start), right: Math.max(xOf(fault.end), xOf(fault.start) + 3), id: fault.id, what: fault.what})),
    marks: example.marks.filter((mark) => mark.at >= moments[0]! && mark.at <= moments.at(-1)!).map((mark) => ({x: xOf(mark.at), what: mark.what})),
  };
}

// One point for each step of an order, inside its operation's bar, each right of the one before where there is room.
export function orderPoints(layout: ProofLayout, order: DeadEnd): {x: number; y: number}[] {
  let last = -Infinity;
  return order.order.map(({operation}) => {
    const bar = layout.bars[operation]!;
    const [low, high] = [bar.left + 8, Math.max(bar.left + 8, bar.right - 8)];
    last = Math.min(high, Math.max(low, last + 18));
    return {x: last, y: bar.top};
  });
}
