import type {RunDetails} from "../data/api.ts";
import type {RunData} from "../data/run_page.ts";
import {useMemo} from "preact/hooks";
import {View} from "../chart/view.ts";
import {TimelineCard} from "../run/charts.tsx";
import {formatCount, formatShare} from "../text/format.ts";
import {Await, useLoaded} from "./load.tsx";
import {linkTo} from "./route.ts";
import {useRunParts} from "./run.tsx";
import {lengthOf, RunMark} from "./runs.tsx";

// Two runs side by side: what they were, what they measured, and their time lines.

type Row = [label: string, a: string, b: string];

function factRows(a: RunDetails, b: RunDetails): Row[] {
  const rate = (run: RunDetails): string => formatShare(run.ok, run.ok + run.fail + run.info);
  return [["Experiment", a.name, b.name], ["Target", a.target, b.target], ["World", a.world, b.world], ["Seed", a.seed, b.seed], ["Took", lengthOf(a), lengthOf(b)],
    ["Operations", formatCount(a.ok + a.fail + a.info), formatCount(b.ok + b.fail + b.info)], ["Succeeded", rate(a), rate(b)],
    ["Failed", formatCount(a.fail), formatCount(b.fail)], ["Unknown", formatCount(a.info), formatCount(b.info)], ["Latency p99", `${a.p99_ms.toFixed(1)} ms`, `${b.p99_ms.toFixed(1)} ms`]];
}

// The numbers that both runs' checks measured, by check and name.
export function numberRows(a: RunData, b: RunData): Row[] {
  const byName = (data: RunData): Map<string, string> =>
    new Map(data.checks.flatMap((check) => check.numbers.map(([label, value]): [string, string] => [`${check.name}: ${label}`, value])));
  const [left, right] = [byName(a), byName(b)];
  return [...new Set([...left.keys(), ...right.keys()])].map((label) => [label, left.get(label) ?? "–", right.get(label) ?? "–"]);
}

function checkRows(a: RunDetails, b: RunDetails): Row[] {
  const says = (run: RunDetails, name: string): string => run.checks.find((check) => check.name === name)?.verdict ?? "not made";
  return [...new Set([...a.checks, ...b.checks].map((check) => check.name))].map((name) => [name, says(a, name), says(b, name)]);
}

function Table({rows}: {rows: Row[]}) {
  return <>{rows.map(([label, a, b]) => <tr key={label} class={a === b ? undefined : "differs"}><th scope="row">{label}</th><td>{a}</td><td>{b}</td></tr>)}</>;
}

function Timelines({a, b}: {a: ReturnType<typeof useRunParts>; b: ReturnType<typeof useRunParts>}) {
  const last = Math.max(a.data?.span[1] ?? 0, b.data?.span[1] ?? 0, 1);
  const view = useMemo(() => new View(0, last), [last]);
  return <div class="compare-lines">{[a, b].map((parts, i) => <div key={i}>
    {parts.error && <p class="notice bad">{parts.error}</p>}
    {parts.data && <><h2>{i === 0 ? "A" : "B"}: {parts.data.name}</h2><TimelineCard data={parts.data} operations={parts.operations} view={view}/></>}</div>)}</div>;
}

function Both({a, b}: {a: RunDetails; b: RunDetails}) {
  const [left, right] = [useRunParts(a.id), useRunParts(b.id)];
  return <>
    <div class="panel scroll" tabIndex={0} role="region" aria-label="Comparison"><table class="compare">
      <thead><tr><th/>{[a, b].map((run, i) => <th key={i} scope="col"><a href={linkTo("runs", run.id)}>{i === 0 ? "A" : "B"}: {run.id}</a></th>)}</tr></thead>
      <tbody><tr><th scope="row">Verdict</th><td><RunMark run={a}/></td><td><RunMark run={b}/></td></tr>
        <Table rows={factRows(a, b)}/></tbody>
      <tbody><Table rows={checkRows(a, b)}/></tbody>
      {left.data && right.data && <tbody><Table rows={numberRows(left.data, right.data)}/></tbody>}
    </table></div>
    <p class="muted small">Rows that differ are marked. Both time lines share one view.</p>
    <Timelines a={left} b={right}/>
  </>;
}

export function Compare({a, b}: {a: string; b: string}) {
  const left = useLoaded<RunDetails>(`/runs/${encodeURIComponent(a)}`);
  const right = useLoaded<RunDetails>(`/runs/${encodeURIComponent(b)}`);
  return <div class="inner view"><div class="view-head"><h1>Two runs compared</h1><span class="grow"/><a class="button" href={linkTo("compare", b, a)}>Swap</a></div>
    <Await of={left}>{(one) => <Await of={right}>{(other) => <Both a={one} b={other}/>}</Await>}</Await></div>;
}
