import {type Operations, firstAtOrAfter} from "../data/operations.ts";
import {kOutcomes} from "../data/run_page.ts";
import {formatMoment, formatSpan} from "../text/format.ts";

// What a tool tip says of an operation.
export function operationLines(operations: Operations, index: number): string[] {
  const outcome = operations.outcome[index]!;
  const took = operations.end[index]! - operations.start[index]!;
  const how = took === Infinity ? "never answered" : `${outcome === 2 ? "gave up" : "answered"} after ${formatSpan(took)}`;
  const client = `client ${operations.lanes[operations.lane[index]!] ?? ""}`;
  const node = operations.node(index);
  return [operations.says(index), `${kOutcomes[outcome]!.says}, ${how}`, node && !client.includes(node) ? `${client} at ${node}` : client,
    `started at ${formatMoment(operations.start[index]!)}`, operations.error(index)].filter(Boolean);
}

// The operations that failed or stayed unknown, by start.
export function unwellOf(operations: Operations | null): Uint32Array {
  const list: number[] = [];
  for (let i = 0; operations && i < operations.count; ++i) if (operations.outcome[i] !== 0) list.push(i);
  return Uint32Array.from(list);
}

// The next of them after `current` in the direction `by`; null if there is none.
export function nextUnwell(unwell: Uint32Array, current: number | null, by: 1 | -1): number | null {
  if (current === null) return (by > 0 ? unwell[0] : unwell.at(-1)) ?? null;
  const after = firstAtOrAfter(unwell, by > 0 ? current + 1 : current);
  return unwell[by > 0 ? after : after - 1] ?? null;
}
