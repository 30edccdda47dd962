import {mergeLanes} from "./lanes.ts";
import type {Operations} from "./operations.ts";

// GET /api/v1/runs/ID/history.bin: "FRH1", three uint32 (operations, lanes, length of the JSON header), the header padded
// to a multiple of 8, then columns, each from a multiple of 8 on. Little endian. Times in it are milliseconds.

interface Header {
  lanes: string[];
  functions: string[];
  keys: string[];
  values: string[];
}

const kNone = 0xffffffff;

// A compare-and-set is recorded as [expected, new].
const swapped = (value: string): string => /^\[([^,]*),([^,]*)\]$/.test(value) ? value.slice(1, -1).replace(",", "->") : value;

// What a person calls an operation: "write k7 = 5", "read k7 → 5", "cas k7: 1->2".
function sentence(header: Header, code: number, key: number, input: number, output: number): string {
  const name = header.functions[code] ?? "operation";
  const target = key === kNone ? "" : ` ${header.keys[key] ?? ""}`;
  const asked = input === kNone ? "" : name === "cas" ? `: ${swapped(header.values[input] ?? "")}` : ` = ${header.values[input]}`;
  return name + target + asked + (output === kNone ? "" : ` → ${header.values[output]}`);
}

// ERRORS: throws an Error with one sentence if the bytes are not such a history.
export function readHistory(bytes: ArrayBuffer): Operations {
  const view = new DataView(bytes);
  if (bytes.byteLength < 16 || view.getUint32(0, true) !== 0x31485246) throw new Error("The history is not in a known format.");
  const [count, , length] = [4, 8, 12].map((at) => view.getUint32(at, true)) as [number, number, number];
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 16, length))) as Header;
  let at = Math.ceil((16 + length) / 8) * 8;
  const column = <T>(make: new (buffer: ArrayBuffer, offset: number, length: number) => T, size: number): T => {
    if (at + count * size > bytes.byteLength) throw new Error("The history is cut off.");
    const result = new make(bytes, at, count);
    at = Math.ceil((at + count * size) / 8) * 8;
    return result;
  };
  const [start, end] = [column(Float64Array, 8), column(Float64Array, 8)];
  const process = column(Uint16Array, 2);
  const [outcome, code] = [column(Uint8Array, 1), column(Uint8Array, 1)];
  const [key, input, output] = [column(Uint32Array, 4), column(Uint32Array, 4), column(Uint32Array, 4)];
  for (let i = 0; i < count; ++i) { start[i] = start[i]! * 1000; end[i] = end[i]! * 1000; }
  const {lanes, laneOf} = mergeLanes(header.lanes);
  return {
    count, start, end, outcome, lanes,
    lane: process.map((each) => laneOf[each]!),
    says: (i) => sentence(header, code[i]!, key[i]!, input[i]!, output[i]!),
    node: () => "",
    error: () => "",
  };
}
