import {useEffect, useState} from "preact/hooks";
import type {AuditEntry} from "../data/api.ts";
import {get, messageOf} from "../data/client.ts";
import {formatWall} from "../text/format.ts";
import {Await, type Loaded} from "./load.tsx";

// Everything anyone did, newest first, in a chain of hashes that the controller has checked.

interface Log {
  entries: AuditEntry[];
  intact: boolean;
}

const kPage = 1000;

// The controller tells the oldest first, so all pages are asked for.
async function wholeLog(): Promise<Log> {
  const log: Log = {entries: [], intact: true};
  for (let last = 0, size = kPage; size === kPage;) {
    const page = await get<Log>(`/audit?after=${last}&limit=${kPage}`);
    log.entries.push(...page.entries);
    log.intact &&= page.intact;
    size = page.entries.length;
    last = page.entries.at(-1)?.sequence ?? last;
  }
  return log;
}

function useLog(): Loaded<Log> {
  const [state, setState] = useState<{value: Log | null; error: string}>({value: null, error: ""});
  const reload = (): void => void wholeLog().then((value) => setState({value, error: ""}), (error: unknown) => setState((old) => ({...old, error: messageOf(error)})));
  useEffect(reload, []);
  return {...state, reload};
}

export function Audit() {
  const log = useLog();
  const [words, setWords] = useState("");
  return <div class="inner view"><div class="view-head"><h1>Audit log</h1>
    <input type="search" data-search aria-label="Search the audit log" placeholder="Search   /" value={words} onInput={(event) => setWords(event.currentTarget.value)}/>
    <button type="button" onClick={log.reload}>Look again</button><span class="grow"/>{log.value && <span class={`pill ${log.value.intact ? "good" : "bad"}`}>{log.value.intact ? "✓ the chain is intact" : "✕ the chain is broken"}</span>}</div>
    <Await of={log}>{({entries}) => {
      const shown = entries.filter((each) => `${each.who} ${each.action} ${each.subject} ${each.details}`.toLowerCase().includes(words.toLowerCase())).sort((a, b) => b.sequence - a.sequence);
      return <div class="panel scroll" tabIndex={0} role="region" aria-label="Audit log"><table class="list audit">
        <thead><tr><th scope="col" class="number">No.</th><th scope="col">When</th><th scope="col">Who</th><th scope="col">Did</th><th scope="col">To what</th><th scope="col">Details</th><th scope="col">Hash</th></tr></thead>
        <tbody>{shown.map((each) => <tr key={each.sequence}><td class="number">{each.sequence}</td><td class="time">{formatWall(each.at)}</td><td>{each.who}</td>
          <td><code>{each.action}</code></td><td>{each.subject}</td><td>{each.details}</td><td class="mono" title={each.hash}>{each.hash.slice(0, 10)}</td></tr>)}</tbody>
      </table>{!shown.length && <p class="empty">{entries.length ? "No entry matches." : "Nothing was done yet."}</p>}</div>;
    }}</Await></div>;
}
