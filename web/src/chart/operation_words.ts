import type {Operations} from "../data/operations.ts";
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

// The next operation after `current` in the direction `by` that failed or stayed unknown; null if there is none.
export function nextUnwell(operations: Operations, current: number | null, by: 1 | -1): number | null {
  let index = (current ?? (by > 0 ? -1 : operations.count)) + by;
  while (index >= 0 && index < operations.count && operations.outcome[index] === 0) index += by;
  return index >= 0 && index < operations.count ? index : null;
}
