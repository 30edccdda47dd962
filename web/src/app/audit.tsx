import {useState} from "preact/hooks";
import type {AuditEntry} from "../data/api.ts";
import {formatWall} from "../text/format.ts";
import {Await, useLoaded} from "./load.tsx";

// Everything anyone did, newest first, in a chain of hashes that the controller has checked.

export function Audit() {
  const log = useLoaded<{entries: AuditEntry[]; intact: boolean}>("/audit?limit=1000", 10_000);
  const [words, setWords] = useState("");
  return <div class="inner view"><div class="view-head"><h1>Audit log</h1>
    <input type="search" data-search aria-label="Search the audit log" placeholder="Search   /" value={words} onInput={(event) => setWords(event.currentTarget.value)}/>
    <span class="grow"/>{log.value && <span class={`pill ${log.value.intact ? "good" : "bad"}`}>{log.value.intact ? "✓ the chain is intact" : "✕ the chain is broken"}</span>}</div>
    <Await of={log}>{({entries}) => {
      const shown = entries.filter((each) => `${each.who} ${each.action} ${each.subject} ${each.details}`.toLowerCase().includes(words.toLowerCase())).sort((a, b) => b.sequence - a.sequence);
      return <div class="panel scroll" tabIndex={0} role="region" aria-label="Audit log"><table class="list audit">
        <thead><tr><th scope="col" class="number">No.</th><th scope="col">When</th><th scope="col">Who</th><th scope="col">Did</th><th scope="col">To what</th><th scope="col">Details</th><th scope="col">Hash</th></tr></thead>
        <tbody>{shown.map((each) => <tr key={each.sequence}><td class="number">{each.sequence}</td><td class="time">{formatWall(each.at)}</td><td>{each.who}</td>
          <td><code>{each.action}</code></td><td>{each.subject}</td><td>{each.details}</td><td class="mono" title={each.hash}>{each.hash.slice(0, 10)}</td></tr>)}</tbody>
      </table>{!shown.length && <p class="empty">{entries.length ? "No entry matches." : "Nothing was done yet."}</p>}</div>;
    }}</Await></div>;
}
