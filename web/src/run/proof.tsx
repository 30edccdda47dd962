import {useMemo, useState} from "preact/hooks";
import type {Check, Counterexample, DeadEnd, ShownOperation} from "../data/run_page.ts";
import {kOutcomes} from "../data/run_page.ts";
import {useWidth} from "../parts/hooks.ts";
import {formatMoment} from "../text/format.ts";
import {type ProofLayout, kBar, layoutProof, orderPoints} from "./proof_layout.ts";

// A violation explained: the few operations that contradict each other as bars, the orders that were tried, where each
// of them fails, and what acted meanwhile.

const kFill = ["var(--ok)", "var(--fail)", "var(--info)"];

function Bands({layout}: {layout: ProofLayout}) {
  return <g>
    {layout.bands.map((band) => <g key={band.id}>
      <rect x={band.left} y="18" width={band.right - band.left} height={layout.height - 18} fill="var(--bad)" opacity="0.08"/>
      <text x={Math.max(4, band.left + 4)} y="13" font-size="11" font-weight="600" fill="var(--bad)">{band.id}: {band.what}</text>
    </g>)}
    {layout.marks.map((mark, i) => <g key={i}>
      <line x1={mark.x} x2={mark.x} y1="20" y2={layout.height} stroke="var(--ink-3)" stroke-dasharray="2 3"/>
      <text x={mark.x + 4} y={layout.height - 2} font-size="10.5" fill="var(--ink-3)">{mark.what}</text>
    </g>)}
  </g>;
}

function Bars({layout, operations, refused}: {layout: ProofLayout; operations: ShownOperation[]; refused: Set<number>}) {
  return <g>{operations.map((each, i) => {
    const bar = layout.bars[i]!;
    return <g key={i}>
      <title>{`${each.client}: ${each.says}, ${kOutcomes[each.outcome]!.says}, ${formatMoment(each.start, 6)} to ${each.took < 0 ? "never" : formatMoment(each.start + each.took, 6)}`}</title>
      <rect x={bar.left} y={bar.top} width={bar.right - bar.left} height={kBar} rx="2" fill={refused.has(i) ? "var(--bad)" : kFill[each.outcome]}
        fill-opacity={bar.open ? 0.25 : 0.92} stroke={bar.open ? kFill[each.outcome] : "none"} stroke-dasharray="4 3"/>
      <text x={bar.left + 18} y={bar.top + kBar / 2 + 4} font-size="11.5" fill={bar.open ? "var(--ink)" : "var(--surface)"}>{each.says}</text>
    </g>;
  })}</g>;
}

function OrderPath({layout, order}: {layout: ProofLayout; order: DeadEnd}) {
  const points = orderPoints(layout, order);
  return <g>
    {points.map(({x, y}, i) => <g key={i}>
      <circle cx={x} cy={y} r="8" fill="var(--surface)" stroke="var(--accent)" stroke-width="1.5"/>
      <text x={x} y={y + 3.6} text-anchor="middle" font-size="10.5" font-weight="650" fill="var(--accent)">{i + 1}</text>
    </g>)}
    {order.refusals.map(({operation}) => {
      const bar = layout.bars[operation]!;
      return <g key={operation}>
        <rect x={bar.left - 1} y={bar.top - 9} width="17" height="17" rx="2" fill="var(--surface)" stroke="var(--bad)" stroke-width="1.5"/>
        <path d={`m${bar.left + 4} ${bar.top - 4} 7 7m0-7-7 7`} stroke="var(--bad)" stroke-width="1.8"/>
      </g>;
    })}
  </g>;
}

function OrderWords({order, operations}: {order: DeadEnd; operations: ShownOperation[]}) {
  const name = (index: number): string => `${operations[index]!.client}'s ${operations[index]!.says}`;
  return <ol class="order-words">
    {order.start && <li><span class="step" aria-hidden="true">0</span><span>At first {order.start} is held.</span></li>}
    {order.order.map(({operation, holds}, i) => <li key={i}><span class="step">{i + 1}</span><span><b>{name(operation)}</b>{holds && `; then ${holds} is held`}</span></li>)}
    {order.refusals.map(({operation, why}) => <li key={operation} class="no"><span class="step" aria-label="cannot follow">✕</span>
      <span><b>{name(operation)}</b> cannot follow: {why}</span></li>)}
  </ol>;
}

function Drawing({example}: {example: Counterexample}) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const [chosen, choose] = useState(0);
  const layout = useMemo(() => layoutProof(example, width), [example, width]);
  const order = example.orders[chosen];
  return <>
    <div class="scroll proof" tabIndex={0} role="region" aria-label="Drawing of the counterexample" ref={ref}>
      <svg width={layout.width} height={layout.height} viewBox={`0 0 ${layout.width} ${layout.height}`} role="img" aria-label={example.sentence}>
        <Bands layout={layout}/>
        {layout.lanes.map((lane) => <g key={lane.client}>
          <line x1="48" x2={layout.width} y1={lane.y} y2={lane.y} stroke="var(--line)"/>
          <text class="client" x="42" y={lane.y + 4} text-anchor="end" font-size="11.5" font-weight="600" fill="var(--ink-2)">{lane.client}</text>
        </g>)}
        {order && <polyline points={orderPoints(layout, order).map(({x, y}) => `${x},${y}`).join(" ")} fill="none" stroke="var(--accent)" stroke-width="1.5" stroke-dasharray="3 2"/>}
        <Bars layout={layout} operations={example.operations} refused={new Set(order?.refusals.map((each) => each.operation))}/>
        {order && <OrderPath layout={layout} order={order}/>}
      </svg>
    </div>
    <p class="muted small">One lane a client; distances in time are compressed. Dashed: the outcome is unknown. Shaded: faults that were acting.</p>
    {order && <>
      <div class="orders" role="group" aria-label="Orders tried">
        <b>No order explains all of them.</b>
        {example.orders.length > 1 && <span class="muted">The longest that work as far as they go:</span>}
        {example.orders.map((each, i) => <button key={i} type="button" class="choice" aria-pressed={i === chosen} onClick={() => choose(i)}>
          {example.orders.length > 1 ? `Order ${i + 1}` : "The longest order"} places {each.order.length} of {example.operations.length}</button>)}
      </div>
      <OrderWords order={order} operations={example.operations}/>
    </>}
  </>;
}

function Circle({example}: {example: Counterexample}) {
  return <>
    <div class="scroll" tabIndex={0} role="region" aria-label="Picture">
      <img class="picture" alt={example.sentence} src={"data:image/svg+xml;charset=utf-8," + encodeURIComponent(example.picture)}/>
    </div>
    <ul class="details">{example.edges.map((edge, i) => <li key={i}>{edge.label}: {edge.why}</li>)}</ul>
  </>;
}

function OperationTable({operations}: {operations: ShownOperation[]}) {
  return <div class="scroll" tabIndex={0} role="region" aria-label="Operations of the counterexample">
    <table>
      <thead><tr><th scope="col">Client</th><th scope="col">Operation</th><th scope="col">Node</th><th scope="col">Outcome</th>
        <th scope="col" class="number">Started</th><th scope="col" class="number">Returned</th></tr></thead>
      <tbody>{operations.map((each, i) => <tr key={i}>
        <td>{each.client}</td><td class="mono">{each.says}</td><td>{each.node || "–"}</td><td>{kOutcomes[each.outcome]!.says}</td>
        <td class="number">{formatMoment(each.start, 6)}</td>
        <td class="number">{each.took < 0 ? "never" : formatMoment(each.start + each.took, 6)}</td></tr>)}</tbody>
    </table>
  </div>;
}

export function Proof({check, show}: {check: Check; show: (from: number, to: number) => void}) {
  const example = check.counterexample!;
  const {operations} = example;
  const from = Math.min(...operations.map((each) => each.start));
  const to = Math.max(...operations.map((each) => each.start + Math.max(0, each.took)));
  const margin = Math.max(20000, (to - from) * 0.15);
  return <div class="panel"><div class="inside">
    <p class="says">{example.sentence}</p>
    {example.under && <p class="under"><b>Faults</b><span>{example.under}</span></p>}
    {example.notes.length > 0 && <ul class="details">{example.notes.map((note, i) => <li key={i}>{note}</li>)}</ul>}
    {operations.length > 0 && (example.picture ? <Circle example={example}/> : <Drawing example={example}/>)}
    {operations.length > 0 && <>
      <OperationTable operations={operations}/>
      <p class="after"><button type="button" onClick={() => show(from - margin, to + margin)}>Show on the time line</button></p>
    </>}
  </div></div>;
}
