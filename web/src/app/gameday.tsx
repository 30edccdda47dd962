import {type GameDay, type Me, type Role, mayAs} from "../data/api.ts";
import {post} from "../data/client.ts";
import {NoteForm} from "../live/live_page.tsx";
import {Mark} from "../parts/marks.tsx";
import {formatAgo, formatLength, formatWall} from "../text/format.ts";
import {ActionButton, ConfirmButton, StopIcon} from "./action.tsx";
import {Await, useLoaded} from "./load.tsx";
import {linkTo} from "./route.ts";
import {useMay, useSession} from "./session.tsx";

// One game day: who has to agree, what runs, what happened, and how long people took to see and to end it.

function isAgreed(day: GameDay): boolean { return day.approved_by.length >= day.approvals; }

// Those whom the plan names: people, and "role:ROLE" for all who have that role or a higher one.
function mayApprove(day: GameDay, me: Me): boolean {
  return day.approvers.some((each) => each === me.name || (each.startsWith("role:") && mayAs(me.role, each.slice(5) as Role)));
}

function Actions({day, reload}: {day: GameDay; reload: () => void}) {
  const {me} = useSession();
  const operator = useMay("operator");
  const call = (what: string) => async (): Promise<void> => { await post(`/gamedays/${encodeURIComponent(day.name)}/${what}`); reload(); };
  const running = day.state === "running";
  const waits = !running && !isAgreed(day) && !day.approved_by.includes(me.name) && mayApprove(day, me);
  return <div class="row">
    {waits && <ActionButton class="primary" act={call("approve")}>Approve</ActionButton>}
    {operator && !running && isAgreed(day) && <ConfirmButton act={call("start")} label="Start now" confirm="Start it now" disabled={me.frozen.frozen}/>}
    {operator && running && <>
      <ActionButton act={call("detected")} disabled={day.detect_s !== null}>{day.detect_s === null ? "We see it" : "Seen"}</ActionButton>
      <ActionButton act={call("mitigated")} disabled={day.mitigate_s !== null}>{day.mitigate_s === null ? "It is mitigated" : "Mitigated"}</ActionButton>
      <ConfirmButton act={call("stop")} label={<><StopIcon/>Stop</>} confirm="End every fault now"/></>}
  </div>;
}

function Approvals({day}: {day: GameDay}) {
  if (!day.approvals) return <p class="muted">Nobody has to approve it.</p>;
  const missing = Math.max(0, day.approvals - day.approved_by.length);
  return <ul class="approvals">{day.approved_by.map((name) => <li key={name}><span class="mark good">✓ {name} approved</span></li>)}
    {missing > 0 && <li><span class="mark neutral">○ {missing} more of {day.approvers.join(", ").replaceAll("role:", "every ")}</span></li>}</ul>;
}

function Guards({day}: {day: GameDay}) {
  return <section aria-labelledby="guards-title"><h2 id="guards-title">Guards</h2><div class="panel"><div class="inside">
    <ul class="approvals">{day.guards.map((each) => <li key={each}>{each}</li>)}</ul></div></div></section>;
}

function Experiments({day}: {day: GameDay}) {
  if (!day.experiments.length) return <p class="empty">{day.blind ? "Blind: what happens is hidden until the end." : "No experiment."}</p>;
  return <table class="list"><thead><tr><th scope="col">State</th><th scope="col">Experiment</th><th scope="col">Run</th></tr></thead>
    <tbody>{day.experiments.map((each, i) => <tr key={i}><td>{each.verdict ? <Mark kind={each.verdict}/> : <Mark kind={each.state || "planned"}/>}</td>
      <td>{each.name}<span class="sub-line">{each.file}</span></td><td>{each.run ? <a href={linkTo("runs", each.run)} data-row>{each.run}</a> : "–"}</td></tr>)}</tbody></table>;
}

const kTones: Record<string, string> = {fault: "bad", stopped: "warn", detected: "accent", mitigated: "good", approved: "good", ended: "neutral", started: "accent", note: "neutral"};

function Story({day}: {day: GameDay}) {
  const start = day.timeline.find((each) => each.kind === "started")?.at;
  const since = (at: string): string => start && at >= start ? `+${formatLength((Date.parse(at) - Date.parse(start)) / 1000)}` : formatWall(at);
  return day.timeline.length ? <ol class="story">{day.timeline.map((each, i) => <li key={i} class={kTones[each.kind] ?? "neutral"}>
    <time dateTime={each.at} title={formatWall(each.at)}>{since(each.at)}</time><span class="pill">{each.kind}</span><span class="grow">{each.who && <b>{each.who} </b>}{each.text}</span></li>)}</ol>
    : <p class="empty">Nothing happened yet.</p>;
}

function Page({day, reload}: {day: GameDay; reload: () => void}) {
  const operator = useMay("operator");
  const measure = (seconds: number | null): string => seconds === null ? "–" : formatLength(seconds);
  const figures: [string, string][] = [["Next start", day.next ? `${formatWall(day.next)} (${formatAgo(day.next)})` : "–"], ["Schedule", day.schedule || "by hand"], ["Time zone", day.zone || "–"],
    ["Time to detect", measure(day.detect_s)], ["Time to mitigate", measure(day.mitigate_s)]];
  return <>
    <header class={`run-head ${day.state === "running" ? "accent" : "neutral"}`}><div class="inner">
      <p class="run-name"><a href={linkTo("gamedays")}>Game days</a></p>
      <div class="row live-title"><h1 class="plain">{day.name}</h1><Mark kind={day.state}/>{day.blind && <span class="pill neutral">blind</span>}<span class="grow"/><Actions day={day} reload={reload}/></div>
      <p class="doc">{day.doc}</p>
      <dl class="figures">{figures.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>
    </div></header>
    <div class="inner gameday-grid">
      <section aria-labelledby="story-title"><h2 id="story-title">What happened</h2><div class="panel"><Story day={day}/>
        {operator && <NoteForm send={async (text) => { await post(`/gamedays/${encodeURIComponent(day.name)}/notes`, {text}); reload(); }}/>}</div></section>
      <div><section aria-labelledby="experiments-title"><h2 id="experiments-title">Experiments, in order</h2><div class="panel scroll"><Experiments day={day}/></div></section>
        <section aria-labelledby="approvals-title"><h2 id="approvals-title">Approvals</h2><div class="panel"><div class="inside"><Approvals day={day}/></div></div></section>
        {day.guards.length > 0 && <Guards day={day}/>}</div>
    </div>
  </>;
}

export function GameDayPage({name}: {name: string}) {
  const day = useLoaded<GameDay>(`/gamedays/${encodeURIComponent(name)}`, 2000);
  return <Await of={day}>{(value) => <Page day={value} reload={day.reload}/>}</Await>;
}
