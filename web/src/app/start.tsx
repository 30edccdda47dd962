import {useEffect, useRef, useState} from "preact/hooks";
import type {ExperimentEntry, RunSummary} from "../data/api.ts";
import {post} from "../data/client.ts";
import {ActionButton} from "./action.tsx";
import {Await, useLoaded} from "./load.tsx";
import {goTo} from "./route.ts";
import {useSession} from "./session.tsx";

// Starts a run of an experiment from the controller's library.

function Choices({entries, chosen, choose}: {entries: ExperimentEntry[]; chosen: string; choose: (file: string) => void}) {
  const [words, setWords] = useState("");
  const shown = entries.filter((each) => words.toLowerCase().split(/\s+/).every((word) => `${each.file} ${each.name} ${each.doc} ${each.target}`.toLowerCase().includes(word)));
  return <>
    <input type="search" aria-label="Search experiments" placeholder="Search experiments" value={words} onInput={(event) => setWords(event.currentTarget.value)}/>
    <div class="choices" role="radiogroup" aria-label="Experiment">{shown.map((each) => <label key={each.file} class={each.file === chosen ? "chosen" : ""}>
      <input type="radio" name="experiment" checked={each.file === chosen} onChange={() => choose(each.file)}/>
      <span><b>{each.name}</b> <span class="muted small">{each.group} · {each.target} · {each.world}{each.expect === "violated" ? " · must come out violated" : ""}</span><br/><span class="small">{each.doc}</span></span></label>)}
      {!shown.length && <p class="empty">No experiment matches.</p>}</div>
  </>;
}

export function StartDialog({close}: {close: () => void}) {
  const {me} = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  const experiments = useLoaded<{experiments: ExperimentEntry[]}>("/experiments");
  const [file, choose] = useState("");
  const [seed, setSeed] = useState("");
  const [world, setWorld] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  const start = async (): Promise<void> => {
    const run = await post<RunSummary>("/runs", {file, ...(seed.trim() ? {seed: seed.trim()} : {}), ...(world ? {world} : {})});
    dialog.current?.close();
    if (run) goTo("runs", run.id);
  };
  return <dialog ref={dialog} class="dialog wide" aria-labelledby="start-title" onClose={close}>
    <h2 id="start-title">Start a run</h2>
    {me.frozen.frozen && <p class="notice">Frozen: the controller will refuse to start it.</p>}
    <Await of={experiments}>{({experiments: entries}) => <Choices entries={entries} chosen={file} choose={choose}/>}</Await>
    <div class="row">
      <label>Seed <input class="short" value={seed} placeholder="as written" onInput={(event) => setSeed(event.currentTarget.value)}/></label>
      <label>World <select value={world} onChange={(event) => setWorld(event.currentTarget.value)}><option value="">as written</option><option>sim</option><option>lab</option><option>fleet</option></select></label>
      <span class="grow"/>
      <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
      <ActionButton class="primary" disabled={!file} act={start}>Start</ActionButton>
    </div>
  </dialog>;
}
