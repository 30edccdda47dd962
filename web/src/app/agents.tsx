import {useState} from "preact/hooks";
import type {Agent} from "../data/api.ts";
import {Await, useLoaded} from "./load.tsx";

// Each host with what it can do, as `fracas doctor` says it: by which mechanism, how precisely, and what is missing.

function AgentCard({agent, words}: {agent: Agent; words: string}) {
  const able = agent.faults.filter((fault) => !fault.missing).length;
  const shown = agent.faults.filter((fault) => `${fault.kind} ${fault.mechanism} ${fault.missing}`.toLowerCase().includes(words.toLowerCase()));
  return <section aria-labelledby={`host-${agent.host}`}>
    <div class="section-head"><h2 id={`host-${agent.host}`}>{agent.host}</h2><span class="muted">{agent.kernel}</span>
      <span class={`pill ${able === agent.faults.length ? "good" : "warn"}`}>{able} of {agent.faults.length} faults work</span></div>
    <div class="panel scroll" tabIndex={0} role="region" aria-label={`Faults on ${agent.host}`}><table class="list agents">
      <thead><tr><th scope="col">Fault</th><th scope="col">Works</th><th scope="col">Mechanism</th><th scope="col">Accuracy, or what is missing</th></tr></thead>
      <tbody>{shown.map((fault) => <tr key={fault.kind}>
        <td><code>{fault.kind}</code></td>
        <td><span class={`mark ${fault.missing ? "warn" : "good"}`}>{fault.missing ? "✕ no" : "✓ yes"}</span></td>
        <td>{fault.mechanism || "–"}</td><td class={fault.missing ? "toned warn" : ""}>{fault.missing || fault.accuracy || "–"}</td></tr>)}</tbody>
    </table>{!shown.length && <p class="empty">No fault matches.</p>}</div>
  </section>;
}

export function Agents() {
  const agents = useLoaded<{agents: Agent[]}>("/agents");
  const [words, setWords] = useState("");
  return <div class="inner view"><div class="view-head"><h1>Agents</h1>
    <input type="search" data-search aria-label="Search faults" placeholder="Search faults   /" value={words} onInput={(event) => setWords(event.currentTarget.value)}/></div>
    <Await of={agents}>{({agents: list}) => list.length ? <>{list.map((agent) => <AgentCard key={agent.host} agent={agent} words={words}/>)}</>
      : <div class="panel"><p class="empty">No agent.</p></div>}</Await></div>;
}
