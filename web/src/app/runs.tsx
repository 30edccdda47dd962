import {useEffect, useMemo, useState} from "preact/hooks";
import type {RunSummary} from "../data/api.ts";
import {get, messageOf, post} from "../data/client.ts";
import {Mark} from "../parts/marks.tsx";
import {formatAgo, formatCount, formatLength, formatWall} from "../text/format.ts";
import {ConfirmButton, StopIcon} from "./action.tsx";
import {Await, useLoaded} from "./load.tsx";
import {goTo, linkTo, replaceQuery, type Route} from "./route.ts";
import {useMay} from "./session.tsx";
import {StartDialog} from "./start.tsx";

// The list of runs, newest first, with filters that stand in the address.

const kPage = 50;
const kVerdicts = ["pass", "violated", "undecided", "vacuous", "aborted", "could-not-run", "cleanup-failed", "bad-input"];

interface Filter {
  q: string;
  state: string;
  verdict: string;
}

// Every word must occur somewhere in what a run says of itself.
export function matches(run: RunSummary, words: string): boolean {
  const text = [run.id, run.name, run.headline, run.target, run.world, run.by, run.gameday, run.file].join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

export function RunMark({run}: {run: RunSummary}) {
  if (run.state !== "done") return <Mark kind={run.state}/>;
  const expected = run.verdict === "violated" && run.as_expected;
  return <Mark kind={run.verdict || "could-not-run"} tone={expected ? "good" : run.verdict === "pass" && !run.as_expected ? "bad" : undefined}
    word={expected ? "violated, as expected" : run.verdict === "pass" && !run.as_expected ? "passed, unexpectedly" : undefined}/>;
}

// The shares of what succeeded, failed and stayed unknown.
export function OutcomeBar({run}: {run: RunSummary}) {
  const all = run.ok + run.fail + run.info;
  if (!all) return <span class="muted">–</span>;
  const parts: [string, number][] = [["ok", run.ok], ["fail", run.fail], ["info", run.info]];
  return <span class="outcomes" title={`${formatCount(run.ok)} ok, ${formatCount(run.fail)} failed, ${formatCount(run.info)} unknown`}>
    <span class="count">{formatCount(all)}</span>
    <span class="shares" aria-hidden="true">{parts.map(([name, count]) => count > 0 &&
      <i key={name} style={{width: `${Math.max(3, count / all * 100)}%`, background: `var(--${name})`}}/>)}</span>
  </span>;
}

export const lengthOf = (run: RunSummary): string => run.started && run.ended ? formatLength((Date.parse(run.ended) - Date.parse(run.started)) / 1000) : "–";

function Row({run, chosen, choose}: {run: RunSummary; chosen: boolean; choose: () => void}) {
  return <tr class={chosen ? "chosen" : undefined}>
    <td class="choose"><input type="checkbox" aria-label={`Choose ${run.id} for a comparison`} checked={chosen} onChange={choose}/></td>
    <td class="verdict-cell"><RunMark run={run}/></td>
    <td class="name-cell"><a href={linkTo("runs", run.id)} data-row onKeyDown={(event) => { if (event.key === "x") { event.preventDefault(); choose(); } }}>{run.name}</a>
      <span class="headline">{run.headline || run.doc}</span></td>
    <td data-label="target">{run.target}<span class="sub-line">{run.world} · seed {run.seed}</span></td>
    <td data-label="operations" class="number"><OutcomeBar run={run}/></td>
    <td data-label="p99" class="number">{run.p99_ms ? `${run.p99_ms < 10 ? run.p99_ms.toFixed(1) : run.p99_ms.toFixed(0)} ms` : "–"}</td>
    <td data-label="started" class="number"><time dateTime={run.started} title={formatWall(run.started)}>{run.started ? formatAgo(run.started) : "–"}</time><span class="sub-line">{lengthOf(run)}</span></td>
    <td data-label="by">{run.by || "–"}{run.gameday && <span class="sub-line"><a href={linkTo("gamedays", run.gameday)}>{run.gameday}</a></span>}</td>
  </tr>;
}

// Pages older than the first, loaded on demand.
function useOlder(query: string): {older: RunSummary[]; more: (last: string) => Promise<void>; exhausted: boolean; error: string} {
  const [state, setState] = useState({query, older: [] as RunSummary[], exhausted: false, error: ""});
  const fresh = state.query === query ? state : {query, older: [], exhausted: false, error: ""};
  const more = async (last: string): Promise<void> => {
    try {
      const {runs} = await get<{runs: RunSummary[]}>(`/runs?${query}&before=${encodeURIComponent(last)}`);
      setState({query, older: [...fresh.older, ...runs], exhausted: runs.length < kPage, error: ""});
    } catch (error) {
      setState({...fresh, error: messageOf(error)});
    }
  };
  return {older: fresh.older, more, exhausted: fresh.exhausted, error: fresh.error};
}

function Filters({filter, change}: {filter: Filter; change: (part: Partial<Filter>) => void}) {
  return <div class="row filters" role="search">
    <input type="search" data-search aria-label="Search runs" placeholder="Search   /" value={filter.q} onInput={(event) => change({q: event.currentTarget.value})}/>
    <select aria-label="State" value={filter.state} onChange={(event) => change({state: event.currentTarget.value})}>
      <option value="">any state</option>{["waiting", "running", "stopping", "done"].map((each) => <option key={each}>{each}</option>)}</select>
    <select aria-label="Verdict" value={filter.verdict} onChange={(event) => change({verdict: event.currentTarget.value})}>
      <option value="">any verdict</option>{kVerdicts.map((each) => <option key={each} value={each}>{each.replaceAll("-", " ")}</option>)}</select>
  </div>;
}

export function Runs({route}: {route: Route}) {
  const [filter, setFilter] = useState<Filter>({q: route.query.get("q") ?? "", state: route.query.get("state") ?? "", verdict: route.query.get("verdict") ?? ""});
  const [chosen, setChosen] = useState<string[]>([]);
  const [starting, setStarting] = useState(false);
  const operator = useMay("operator");
  const query = new URLSearchParams([...Object.entries({state: filter.state, verdict: filter.verdict}).filter(([, value]) => value), ["limit", String(kPage)]]).toString();
  const first = useLoaded<{runs: RunSummary[]}>(`/runs?${query}`, 3000);
  const rest = useOlder(query);
  useEffect(() => replaceQuery(["runs"], {...filter}), [filter]);
  const runs = useMemo(() => {
    const newest = first.value?.runs ?? [];
    const known = new Set(newest.map((run) => run.id));
    return [...newest, ...rest.older.filter((run) => !known.has(run.id))];
  }, [first.value, rest.older]);
  const shown = runs.filter((run) => matches(run, filter.q));
  const active = runs.some((run) => run.state === "running" || run.state === "waiting");
  const choose = (id: string): void => setChosen((old) => old.includes(id) ? old.filter((each) => each !== id) : [...old.slice(-1), id]);
  const compare = (): void => { if (chosen.length === 2) goTo("compare", chosen[0]!, chosen[1]!); };
  return <div class="inner view" onKeyDown={(event) => { if (event.key === "c" && !(event.target instanceof HTMLInputElement)) compare(); }}>
    <div class="view-head"><h1>Runs</h1><Filters filter={filter} change={(part) => setFilter({...filter, ...part})}/><span class="grow"/>
      <button type="button" disabled={chosen.length !== 2} onClick={compare}>Compare {chosen.length}/2</button>
      {operator && active && <ConfirmButton act={() => post("/stop")} label={<><StopIcon/>Stop all</>} confirm="End every fault of every run"/>}
      {operator && <button type="button" class="primary" onClick={() => setStarting(true)}>Start a run</button>}</div>
    <Await of={first}>{() => <div class="panel"><table class="list runs">
      <thead><tr><th/><th scope="col">Verdict</th><th scope="col">Experiment</th><th scope="col">Target, world</th><th scope="col" class="number">Operations</th>
        <th scope="col" class="number">p99</th><th scope="col" class="number">Started, took</th><th scope="col">By</th></tr></thead>
      <tbody>{shown.map((run) => <Row key={run.id} run={run} chosen={chosen.includes(run.id)} choose={() => choose(run.id)}/>)}</tbody></table>
      {!shown.length && <p class="empty">{runs.length ? "No run matches." : "No run yet. The first can be started here, or with"}{!runs.length && <><br/><code>fracas run experiments/raft/partition-majority.toml</code></>}</p>}
    </div>}</Await>
    {runs.length >= kPage && !rest.exhausted && <p class="after"><button type="button" onClick={() => void rest.more(runs.at(-1)!.id)}>Show older runs</button></p>}
    {rest.error && <p class="notice bad" role="alert">{rest.error}</p>}
    {starting && <StartDialog close={() => setStarting(false)}/>}
  </div>;
}
