import {useEffect, useRef, useState} from "preact/hooks";
import {ActionButton, ConfirmButton, StopIcon} from "../app/action.tsx";
import {linkTo} from "../app/route.ts";
import {useMay} from "../app/session.tsx";
import {faultColour} from "../chart/fault_rows.ts";
import type {RunSummary} from "../data/api.ts";
import {eventsAddress, post} from "../data/client.ts";
import {useWidth} from "../parts/hooks.ts";
import {Mark} from "../parts/marks.tsx";
import {formatCount, formatLength, formatShare} from "../text/format.ts";
import {type LiveEvent, kEventTypes} from "./events.ts";
import {type LogLine, LiveRun} from "./live_run.ts";
import {LivePlots} from "./plots.tsx";
import {Topology} from "./topology.tsx";

// A run while it happens.

type Line = "connecting" | "live" | "broken" | "over";

// Follows the events of a run; the returned version counts changes of the one LiveRun, at most ten a second.
function useLiveRun(id: string): {run: LiveRun; version: number; line: Line} {
  const run = useRef(new LiveRun());
  const [version, setVersion] = useState(0);
  const [line, setLine] = useState<Line>("connecting");
  useEffect(() => {
    run.current = new LiveRun();
    let timer = 0;
    const changed = (): void => { timer ||= window.setTimeout(() => { timer = 0; setVersion((old) => old + 1); }, 100); };
    const source = new EventSource(eventsAddress(id));
    source.onopen = () => setLine("live");
    // A stream that ends behind the verdict is over, any other is asked for again, from where it broke off.
    source.onerror = () => {
      if (run.current.verdict) source.close();
      setLine(run.current.verdict ? "over" : "broken");
    };
    for (const type of kEventTypes)
      source.addEventListener(type, (message: MessageEvent<string>) => { run.current.apply(JSON.parse(message.data) as LiveEvent); changed(); });
    return () => { source.close(); clearTimeout(timer); };
  }, [id]);
  return {run: run.current, version, line};
}

function Progress({run}: {run: LiveRun}) {
  const begin = run.begin;
  const length = Math.max(begin?.duration_ms ?? 0, run.now, 1);
  const place = (from: number, to: number): {left: string; width: string} => ({left: `${from / length * 100}%`, width: `${Math.max(0.3, (to - from) / length * 100)}%`});
  const kinds = [...begin?.plan ?? [], ...run.faults];
  const started = new Set(run.faults.map((fault) => fault.name));
  return <div class="progress" role="progressbar" aria-label="Progress of the run" aria-valuemin={0} aria-valuemax={Math.round(length / 1000)} aria-valuenow={Math.round(run.now / 1000)}>
    <div class="progress-phases">{begin?.phases.map((phase) => <span key={phase.name} class={phase.name === run.phase ? "now" : ""}
      style={place(phase.start_ms, phase.end_ms)}>{phase.name}</span>)}</div>
    <div class="progress-faults">
      {begin?.plan.filter((fault) => !started.has(fault.name)).map((fault) => <i key={`plan ${fault.name}`} class="planned" title={`${fault.name} (planned)`}
        style={{...place(fault.start_ms, fault.end_ms), color: `var(--${faultColour(kinds, fault.kind)})`}}/>)}
      {run.faults.map((fault, i) => <i key={i} title={fault.name}
        style={{...place(fault.start, fault.end ?? run.now), color: `var(--${faultColour(kinds, fault.kind)})`}}/>)}
    </div>
    <div class="progress-done" style={{width: `${run.now / length * 100}%`}}/>
  </div>;
}

function Totals({run}: {run: LiveRun}) {
  const {ok, fail, info} = run.totals;
  const all = ok + fail + info;
  const figures: [string, string][] = [["Elapsed", formatLength(run.now / 1000)], ["Operations", formatCount(all)], ["Now", `${formatCount(run.perSecond)}/s`],
    ["Succeeded", formatShare(ok, all)], ["Failed", formatCount(fail)], ["Unknown", formatCount(info)], ["Latency p50", `${run.p50.toFixed(1)} ms`], ["p99", `${run.p99.toFixed(1)} ms`]];
  return <dl class="figures">{figures.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>;
}

function Acting({run}: {run: LiveRun}) {
  const acting = run.acting();
  const kinds = [...run.begin?.plan ?? [], ...run.faults];
  return <div class="acting"><h3>Acting now</h3>{acting.length ? <ul>{acting.map((fault) => <li key={fault.name}>
    <span class="swatch" style={{"--swatch": `var(--${faultColour(kinds, fault.kind)})`}}/><b>{fault.name}</b> <code>{fault.kind}</code>
    {fault.victims.length > 0 && <span class="muted"> {fault.victims.join(", ")}</span>} <span class="muted nowrap">{formatLength((run.now - fault.start) / 1000)}</span></li>)}</ul>
    : <p class="muted">no fault</p>}</div>;
}

const kToneOf: Record<string, string> = {fault: "bad", error: "bad", warning: "warn", warn: "warn", role: "good", verdict: "accent", note: "accent"};

function Log({lines}: {lines: readonly LogLine[]}) {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => { if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight; });
  return <div class="log" ref={box} tabIndex={0} role="log" aria-label="Events of the run" aria-live="off"
    onScroll={() => { const {scrollTop, scrollHeight, clientHeight} = box.current!; follows.current = scrollTop + clientHeight > scrollHeight - 24; }}>
    <table><tbody>{lines.slice(-300).map((line, i) => <tr key={i}><td class="time">{(line.at / 1000).toFixed(2)} s</td>
      <td class={`kind toned ${kToneOf[line.kind] ?? "neutral"}`}>{line.kind}</td><td>{line.text}</td></tr>)}</tbody></table>
  </div>;
}

// A line that someone adds to the run's record.
export function NoteForm({send}: {send: (text: string) => Promise<unknown>}) {
  const [text, setText] = useState("");
  return <form class="note-form" onSubmit={(event) => event.preventDefault()}>
    <input aria-label="Note" placeholder="What you see or do, for the record" value={text} onInput={(event) => setText(event.currentTarget.value)}/>
    <ActionButton disabled={!text.trim()} act={async () => { await send(text.trim()); setText(""); }}>Add note</ActionButton>
  </form>;
}

function VerdictPanel({run, summary, done}: {run: LiveRun; summary: RunSummary; done: () => void}) {
  const {verdict} = run;
  if (!verdict) return null;
  return <div class="panel verdict-panel" role="status"><div class="inside row">
    <Mark kind={verdict.verdict} tone={verdict.exit_code === 0 ? "good" : undefined}/>
    <span class="grow">{verdict.headline}</span>
    <a class="button" href={linkTo("runs", summary.id)} onClick={done}>Open the whole run</a>
  </div></div>;
}

export function LivePage({summary, done}: {summary: RunSummary; done: () => void}) {
  const {run, version, line} = useLiveRun(summary.id);
  const operator = useMay("operator");
  const [ref, width] = useWidth<HTMLDivElement>();
  const stopping = summary.state === "stopping";
  const path = `/runs/${encodeURIComponent(summary.id)}`;
  return <div ref={ref}>
    <header class="run-head accent"><div class="inner">
      <p class="run-name">{[summary.id, summary.target, summary.world, `seed ${summary.seed}`].filter(Boolean).join(" · ")}</p>
      <div class="row live-title"><h1 class="plain">{summary.name}</h1><Mark kind={run.verdict ? "done" : stopping ? "stopping" : run.begin ? "running" : "waiting"}
        word={run.verdict ? "over" : stopping ? "stopping" : run.phase || "waiting to start"}/>
        {line === "broken" && <span class="pill warn" role="status">connection lost, trying again</span>}
        <span class="grow"/>
        {operator && !run.verdict && <ConfirmButton act={() => post(`${path}/stop`)} label={<><StopIcon/>Stop</>} confirm="End every fault now" disabled={stopping}/>}</div>
      {summary.doc && <p class="doc">{summary.doc}</p>}
      <Progress run={run}/>
      <Totals run={run}/>
    </div></header>
    <div class="inner live" data-version={version}>
      <VerdictPanel run={run} summary={summary} done={done}/>
      <div class="live-grid">
        <div class="panel"><div class="inside"><h2>Nodes and links now</h2><Topology run={run}/><Acting run={run}/></div></div>
        <div class="panel"><div class="inside plots"><LivePlots run={run} version={version} narrow={width < 700}/></div></div>
      </div>
      <section aria-labelledby="log-title"><h2 id="log-title">Events</h2>
        <div class="panel"><Log lines={run.log}/>{operator && <NoteForm send={(text) => post(`${path}/notes`, {text})}/>}</div></section>
    </div>
  </div>;
}
