import {useRef, useState} from "preact/hooks";
import {faultColour} from "../chart/fault_rows.ts";
import type {Check, Fault, RunData} from "../data/run_page.ts";
import {Mark} from "../parts/marks.tsx";
import {formatBytes, formatCount, formatMoment} from "../text/format.ts";

// What a run's checks said, what its faults did, and what it was.

export function Figures({figures}: {figures: [string, string][]}) {
  return <dl class="figures">{figures.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>;
}

export function CheckCard({check}: {check: Check}) {
  return <div class={`panel check ${check.tone}`}><div class="inside">
    <div class="check-head"><h3>{check.name}</h3><Mark kind={check.verdict} tone={check.tone}/></div>
    <p>{check.summary}</p>
    {check.details.length > 0 && !check.counterexample && <ul class="details">{check.details.map((line, i) => <li key={i}>{line}</li>)}</ul>}
    {check.numbers.length > 0 && <Figures figures={check.numbers}/>}
  </div></div>;
}

function FaultRows({data, fault, show}: {data: RunData; fault: Fault; show: (from: number, to: number) => void}) {
  const margin = Math.max(250000, (fault.end - fault.start) * 0.2);
  return <tbody class="group">
    <tr class="head">
      <td><span class="swatch" style={{"--swatch": `var(--${faultColour(data.faults, fault.kind)})`}}/>
        <button type="button" class="link" aria-label={`Show ${fault.name} on the time line`}
          onClick={() => show(fault.start - margin, fault.end + margin)}>{fault.name}</button></td>
      <td><code>{fault.kind}</code> {fault.description}</td>
      <td class="time">{formatMoment(fault.start, 2)} – {formatMoment(fault.end, 2)}</td>
      <td class={`number ${fault.had_effect ? "good" : "bad"}`} colSpan={3}><span class="pill">{fault.had_effect ? "had an effect" : "no effect"}</span></td>
    </tr>
    {fault.effects.map((effect) => <tr class="sub" key={effect.host}>
      <th scope="row">{effect.host}</th><td>{effect.mechanism}</td>
      <td class="time">{effect.first === null ? "–" : `${formatMoment(effect.first)} – ${formatMoment(effect.last ?? effect.first)}`}</td>
      <td class="number">{formatCount(effect.matched)}</td><td class="number">{formatCount(effect.affected)}</td>
      <td class="number">{effect.bytes ? formatBytes(effect.bytes) : "–"}</td>
    </tr>)}
  </tbody>;
}

export function FaultTable({data, show}: {data: RunData; show: (from: number, to: number) => void}) {
  if (!data.faults.length) return <div class="panel"><p class="empty">No fault was injected.</p></div>;
  return <div class="panel scroll" tabIndex={0} role="region" aria-label="Faults">
    <table>
      <thead><tr><th scope="col">Fault, host</th><th scope="col">What, mechanism</th><th scope="col">When</th>
        <th scope="col" class="number">Matched</th><th scope="col" class="number">Affected</th><th scope="col" class="number">Bytes</th></tr></thead>
      {data.faults.map((fault) => <FaultRows key={fault.id || fault.name} data={data} fault={fault} show={show}/>)}
    </table>
  </div>;
}

// A command with a button that copies it, or marks it where the clipboard is refused.
export function Command({text}: {text: string}) {
  const code = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      getSelection()?.selectAllChildren(code.current!);
    }
  };
  return <span class="copy"><code ref={code}>{text}</code><button type="button" onClick={copy}>{copied ? "Copied" : "Copy"}</button></span>;
}

export function FactList({data}: {data: RunData}) {
  return <div class="panel"><div class="inside"><dl class="facts">
    {data.facts.flatMap(([label, value]) => [<dt key={label}>{label}</dt>, <dd key={`${label} value`}>{value}</dd>])}
    <dt>Run it again</dt><dd><Command text={data.replay}/></dd>
  </dl></div></div>;
}

