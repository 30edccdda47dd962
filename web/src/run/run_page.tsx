import type {ComponentChildren} from "preact";
import {useMemo, useRef} from "preact/hooks";
import {View} from "../chart/view.ts";
import type {Operations} from "../data/operations.ts";
import type {RunData} from "../data/run_page.ts";
import {Glyph, kindOfLine} from "../parts/marks.tsx";
import {HistoryCard, TimelineCard} from "./charts.tsx";
import {Proof} from "./proof.tsx";
import {CheckCard, FactList, FaultTable, Figures} from "./tables.tsx";

// A finished run, the same in report.html and in the app.

function Head({data, sections, children}: {data: RunData; sections: [string, string][]; children?: ComponentChildren}) {
  return <header id="verdict" class={`run-head ${data.tone}`}><div class="inner">
    <p class="run-name">{[data.name, ...data.meta].filter(Boolean).join(" · ")}</p>
    <h1><Glyph kind={kindOfLine(data.verdict)}/>{data.verdict}</h1>
    <p class="sentence">{data.sentence}</p>
    {data.doc && <p class="doc">The experiment: {data.doc}</p>}
    <Figures figures={data.stats}/>
    {children}
    <nav class="sections" aria-label="Parts of this run">{sections.map(([id, title]) =>
      <button key={id} type="button" onClick={() => document.getElementById(id)?.scrollIntoView()}>{title}</button>)}</nav>
  </div></header>;
}

// `extra`: further sections of the app, before the facts. `actions`: below the head's figures.
export function RunPage({data, operations, actions, extra}: {
  data: RunData; operations: Operations | null; actions?: ComponentChildren; extra?: {id: string; title: string; body: ComponentChildren}[];
}) {
  const view = useMemo(() => new View(...data.span), [data]);
  const timeline = useRef<HTMLElement>(null);
  const show = (from: number, to: number): void => {
    view.show(from, to);
    timeline.current?.scrollIntoView();
  };
  const examples = data.checks.filter((check) => check.counterexample);
  const recorded = data.operations || data.faults.length || data.lanes.length;
  const sections = ([[examples.length, "counterexample", "Counterexample"], [1, "timeline", "Time line"], [operations?.count, "history", "History"],
    [1, "checks", "Checks"], [1, "faults", "Faults"], ...(extra ?? []).map((each) => [1, each.id, each.title]), [1, "facts", "This run"]] as [number, string, string][])
    .filter(([present]) => present).map(([, id, title]): [string, string] => [id, title]);
  return <>
    <Head data={data} sections={sections}>{actions}</Head>
    <div class="inner">
      {examples.length > 0 && <section id="counterexample" aria-labelledby="counterexample-title">
        <h2 id="counterexample-title">The counterexample</h2>
        {examples.map((check) => <Proof key={check.name} check={check} show={show}/>)}
      </section>}
      <section id="timeline" aria-labelledby="timeline-title" ref={timeline}>
        <h2 id="timeline-title">What happened, second by second</h2>
        {data.notices.map((notice) => <p key={notice} class="notice">{notice}</p>)}
        {recorded ? <TimelineCard data={data} operations={operations} view={view}/> : <div class="panel"><p class="empty">Nothing was recorded.</p></div>}
      </section>
      {operations && operations.count > 0 && <section id="history" aria-labelledby="history-title">
        <h2 id="history-title">Every operation, client by client</h2>
        <HistoryCard data={data} operations={operations} view={view}/>
      </section>}
      <section id="checks" aria-labelledby="checks-title">
        <h2 id="checks-title">Checks</h2>
        {data.checks.length ? <div class="checks">{data.checks.map((check) => <CheckCard key={check.name} check={check}/>)}</div>
          : <div class="panel"><p class="empty">No check was run.</p></div>}
      </section>
      <section id="faults" aria-labelledby="faults-title">
        <h2 id="faults-title">Faults, and what they did</h2>
        <FaultTable data={data} show={show}/>
      </section>
      {extra?.map((each) => <section key={each.id} id={each.id} aria-labelledby={`${each.id}-title`}>
        <h2 id={`${each.id}-title`}>{each.title}</h2>
        {each.body}
      </section>)}
      <section id="facts" aria-labelledby="facts-title">
        <h2 id="facts-title">This run</h2>
        <FactList data={data}/>
      </section>
      <footer>Made by fracas{data.version && ` ${data.version}`}. Times count from the start of the warm-up.</footer>
    </div>
  </>;
}
