import {useEffect, useMemo, useState} from "preact/hooks";
import type {RunDetails} from "../data/api.ts";
import {fileAddress, get, getBytes, messageOf, post} from "../data/client.ts";
import {readHistory} from "../data/history_bin.ts";
import {type Operations, operationsOf} from "../data/operations.ts";
import type {RunData} from "../data/run_page.ts";
import {LivePage, NoteForm} from "../live/live_page.tsx";
import {RunPage} from "../run/run_page.tsx";
import {formatMoment} from "../text/format.ts";
import {Await, useLoaded} from "./load.tsx";
import {linkTo} from "./route.ts";
import {RunMark} from "./runs.tsx";
import {useMay} from "./session.tsx";

// One run: while it happens as it happens, afterwards as its report shows it, with its files and notes.

interface Parts {
  data: RunData | null;
  operations: Operations | null;
  error: string;
}

// The report's data, and all operations: where they cannot be had, those that the report's data carries.
export function useRunParts(id: string | null): Parts {
  const [parts, setParts] = useState<Parts & {id: string | null}>({id: null, data: null, operations: null, error: ""});
  useEffect(() => {
    if (!id) return;
    let wanted = true;
    const path = `/runs/${encodeURIComponent(id)}`;
    void (async () => {
      try {
        const [data, bytes] = await Promise.all([get<RunData>(`${path}/page`), getBytes(`${path}/history.bin`).catch(() => null)]);
        const operations = bytes ? readHistory(bytes) : data.operations && operationsOf(data.operations);
        if (wanted) setParts({id, data, operations, error: ""});
      } catch (error) {
        if (wanted) setParts({id, data: null, operations: null, error: messageOf(error)});
      }
    })();
    return () => { wanted = false; };
  }, [id]);
  return id && parts.id === id ? parts : {data: null, operations: null, error: ""};
}

function Files({run}: {run: RunDetails}) {
  if (!run.files.length) return <div class="panel"><p class="empty">This run left no files.</p></div>;
  return <div class="panel"><div class="inside"><ul class="files">{run.files.map((name) => <li key={name}><a href={fileAddress(run.id, name)} target="_blank" rel="noopener">{name}</a></li>)}</ul></div></div>;
}

function Notes({run, reload}: {run: RunDetails; reload: () => void}) {
  const operator = useMay("operator");
  return <div class="panel">{run.notes.length ? <ul class="notes">{run.notes.map((note, i) => <li key={i}><span class="muted nowrap">{formatMoment(note.at_ms * 1000, 1)}</span> <b>{note.by}</b> {note.text}</li>)}</ul>
    : <p class="empty">No note.</p>}
    {operator && <NoteForm send={async (text) => { await post(`/runs/${encodeURIComponent(run.id)}/notes`, {text}); reload(); }}/>}</div>;
}

// A run that left nothing to draw.
function Bare({run, error}: {run: RunDetails; error: string}) {
  return <div class="inner view"><div class="view-head"><h1>{run.name}</h1><RunMark run={run}/></div>
    <p class="says">{run.headline || run.error}</p>
    {run.error && run.error !== run.headline && <p class="notice bad">{run.error}</p>}
    {error && <p class="notice">{error}</p>}
    <Files run={run}/></div>;
}

function Done({run, reload}: {run: RunDetails; reload: () => void}) {
  const recorded = run.files.includes("report.html");
  const parts = useRunParts(recorded ? run.id : null);
  const extra = useMemo(() => [{id: "notes", title: "Notes", body: <Notes run={run} reload={reload}/>}, {id: "files", title: "Files", body: <Files run={run}/>}], [run]);
  if (!recorded || parts.error) return <Bare run={run} error={parts.error}/>;
  if (!parts.data) return <p class="empty" aria-busy="true">Loading…</p>;
  return <RunPage data={parts.data} operations={parts.operations} extra={extra}
    actions={<p class="small muted run-origin">{run.id} · started by {run.by || "nobody known"}{run.gameday && <> in the game day <a href={linkTo("gamedays", run.gameday)}>{run.gameday}</a></>}</p>}/>;
}

export function Run({id}: {id: string}) {
  const loaded = useLoaded<RunDetails>(`/runs/${encodeURIComponent(id)}`);
  const [live, setLive] = useState(false);
  const running = loaded.value !== null && loaded.value.state !== "done";
  useEffect(() => { if (running) setLive(true); }, [running]);
  // While it runs, its state is asked for now and then; the live view stays until it is left or asks for the report.
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(loaded.reload, 2000);
    return () => clearInterval(timer);
  }, [running]);
  return <Await of={loaded}>{(run) => live || run.state !== "done" ? <LivePage summary={run} done={() => { setLive(false); loaded.reload(); }}/>
    : <Done run={run} reload={loaded.reload}/>}</Await>;
}
