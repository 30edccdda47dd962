import {useEffect, useRef, useState} from "preact/hooks";
import {SwimLanes} from "../chart/swim_lanes.ts";
import {Timeline} from "../chart/timeline.ts";
import type {View} from "../chart/view.ts";
import type {Operations} from "../data/operations.ts";
import {type RunData, kOutcomes} from "../data/run_page.ts";
import {OutcomeIcon} from "../parts/marks.tsx";
import {formatCount} from "../text/format.ts";

// The time line and the history, which share one view.

function Keys({history}: {history: boolean}) {
  return <p class="keys">Drag to zoom, double-click to see everything, point at anything for its details; the wheel zooms after a click or with <kbd>Ctrl</kbd>,
    {" "}<kbd>Shift</kbd> moves. <span class="keyboard">Keys: <kbd>←</kbd> <kbd>→</kbd> move, <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>0</kbd> everything,
    {" "}<kbd>N</kbd> <kbd>P</kbd> next and previous operation that did not succeed{history && <>, <kbd>↑</kbd> <kbd>↓</kbd> another client, <kbd>,</kbd> <kbd>.</kbd> its
    previous and next operation</>}.</span></p>;
}

function Zoom({view}: {view: View}) {
  return <>
    <button type="button" aria-label="Zoom out" onClick={() => view.zoom(2)}>−</button>
    <button type="button" aria-label="Zoom in" onClick={() => view.zoom(0.5)}>+</button>
    <button type="button" aria-label="Reset zoom" onClick={() => view.reset()}>Reset</button>
  </>;
}

function Legend({data}: {data: RunData}) {
  const present = [...new Set(data.lanes.flatMap((lane) => lane.segments.map((segment) => segment[2])))].sort();
  if (!present.length) return null;
  return <div class="legend">{present.map((state) =>
    <span key={state}><span class="swatch" style={{"--swatch": `var(--${data.states[state]})`}}/>{data.states[state]}</span>)}</div>;
}

export function TimelineCard({data, operations, view}: {data: RunData; operations: Operations | null; view: View}) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<Timeline | null>(null);
  const [shown, setShown] = useState<readonly boolean[]>([true, true, true]);
  useEffect(() => {
    const timeline = chart.current = new Timeline(host.current!, data, operations, view);
    return () => timeline.end();
  }, [data, operations, view]);
  useEffect(() => chart.current?.showOutcomes(shown), [shown]);
  return <div class="panel timeline">
    <div class="toolbar" role="group" aria-label="Time line controls">
      {kOutcomes.map(({says}, index) => <button key={says} type="button" class="toggle" aria-pressed={shown[index]}
        onClick={() => setShown(shown.map((each, i) => i === index ? !each : each))}>
        <OutcomeIcon outcome={index}/>{formatCount(data.outcome_counts[index]!)} {says}</button>)}
      <span class="grow"/>
      <Zoom view={view}/>
    </div>
    <Legend data={data}/>
    <div ref={host}/>
    <Keys history={false}/>
  </div>;
}

export function HistoryCard({data, operations, view}: {data: RunData; operations: Operations; view: View}) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const lanes = new SwimLanes(host.current!, data, operations, view);
    return () => lanes.end();
  }, [data, operations, view]);
  return <div class="panel history">
    <div class="toolbar" role="group" aria-label="History controls">
      <span class="small muted">{formatCount(operations.count)} operations, {operations.lanes.length} clients, on the time line's clock
        {data.checks.some((check) => check.counterexample?.operations.length) && "; outlined in red: the counterexample"}</span>
      <span class="grow"/>
      <Zoom view={view}/>
    </div>
    <div ref={host}/>
    <Keys history/>
  </div>;
}
