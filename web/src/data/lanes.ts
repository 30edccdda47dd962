// A client whose operation stayed unknown goes on under a new name: "c5", then "c5.1". They share one lane.

export interface MergedLanes {
  lanes: string[];
  laneOf: Uint16Array;  // by process
}

export const clientOf = (process: string): string => process.replace(/^(.*[a-z ]\d+)\.\d+( .*)?$/i, "$1$2");

export function mergeLanes(processes: readonly string[]): MergedLanes {
  const clients = [...new Set(processes.map(clientOf))].sort((a, b) => a.localeCompare(b, "en", {numeric: true}));
  const index = new Map(clients.map((client, lane) => [client, lane]));
  return {lanes: clients, laneOf: Uint16Array.from(processes, (process) => index.get(clientOf(process))!)};
}
