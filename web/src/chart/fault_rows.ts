// Where faults stand and what colour they have, the same wherever they are drawn.

const kColours = ["fault-0", "fault-1", "fault-2", "fault-3", "fault-4"] as const;

interface Window {
  start: number;
  end: number;
}

// The kinds in order of appearance share the palette: all kills have one colour, all partitions another.
export function faultColour(faults: readonly {kind: string}[], kind: string): string {
  const kinds = [...new Set(faults.map((each) => each.kind))];
  return kColours[Math.max(0, kinds.indexOf(kind)) % kColours.length]!;
}

// Puts windows that overlap in time into different rows. Returns the row of each.
export function faultRows(faults: readonly Window[]): number[] {
  const ends: number[] = [];
  return faults.map((fault) => {
    let row = ends.findIndex((end) => end <= fault.start);
    if (row < 0) row = ends.length;
    ends[row] = fault.end;
    return row;
  });
}
