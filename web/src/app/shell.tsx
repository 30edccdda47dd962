import type {ComponentChildren} from "preact";
import {useEffect, useRef, useState} from "preact/hooks";
import {put, post} from "../data/client.ts";
import {ThemeSwitch} from "../parts/theme_switch.tsx";
import {formatAgo} from "../text/format.ts";
import {ActionButton, ConfirmButton} from "./action.tsx";
import {linkTo} from "./route.ts";
import {useMay, useSession} from "./session.tsx";
import {ShortcutHelp, useShortcuts} from "./shortcuts.tsx";

// What surrounds every view: the bar with its parts, who is logged in, and the freeze switch.

export function Brand() {
  return <a class="brand" href="#/runs"><svg viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round">
    <path d="M16 5 5.5 12.6 9.5 25h13M26.5 12.6l-4 12.4M16 5l3.4 2.5M26.5 12.6l-3.4-2.5"/>
    <g fill="currentColor" stroke="none"><circle cx="16" cy="5" r="3.6"/><circle cx="5.5" cy="12.6" r="3.6"/><circle cx="9.5" cy="25" r="3.6"/><circle cx="22.5" cy="25" r="3.6"/><circle cx="26.5" cy="12.6" r="3.6"/></g>
  </svg>fracas</a>;
}

function FreezeDialog({close}: {close: () => void}) {
  const {reload} = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  return <dialog ref={dialog} class="dialog" aria-labelledby="freeze-title" onClose={close}>
    <h2 id="freeze-title">Freeze</h2>
    <p>Nothing new starts until somebody with the approver's role lifts it: no run, no game day. What runs now goes on.</p>
    <label for="freeze-reason">Why</label>
    <textarea id="freeze-reason" value={reason} onInput={(event) => setReason(event.currentTarget.value)}/>
    <div class="row end">
      <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
      <ActionButton class="primary" disabled={!reason.trim()} act={async () => { await put("/freeze", {frozen: true, reason: reason.trim()}); reload(); dialog.current?.close(); }}>Freeze all starts</ActionButton>
    </div>
  </dialog>;
}

function FreezeSwitch() {
  const {me} = useSession();
  const operator = useMay("operator");
  const [open, setOpen] = useState(false);
  if (me.frozen.frozen) return <span class="freeze on" role="status">frozen</span>;
  if (!operator) return <span class="freeze">not frozen</span>;
  return <><button type="button" class="freeze" title="Block all starts" onClick={() => setOpen(true)}>Freeze</button>{open && <FreezeDialog close={() => setOpen(false)}/>}</>;
}

function FreezeBar() {
  const {me: {frozen}, reload} = useSession();
  const approver = useMay("approver");
  if (!frozen.frozen) return null;
  return <div class="freeze-bar"><div class="inner row">
    <b>Frozen</b><span class="grow">by {frozen.by ?? "somebody"}{frozen.since && `, ${formatAgo(frozen.since)}`}: {frozen.reason || "no reason given"}. Nothing new starts.</span>
    {approver && <ConfirmButton act={async () => { await put("/freeze", {frozen: false, reason: ""}); reload(); }} label="Lift" confirm="Allow starts again"/>}
  </div></div>;
}

export const kParts: {name: string; title: string; key: string; admin?: boolean}[] = [
  {name: "runs", title: "Runs", key: "r"}, {name: "gamedays", title: "Game days", key: "d"}, {name: "agents", title: "Agents", key: "a"},
  {name: "audit", title: "Audit", key: "l", admin: true},
];

export function Shell({part, children}: {part: string; children: ComponentChildren}) {
  const {me} = useSession();
  const admin = useMay("admin");
  const [help, setHelp] = useState(false);
  useShortcuts(() => setHelp(true));
  const logOut = async (): Promise<void> => { await post("/logout").catch(() => null); location.reload(); };
  return <>
    <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); document.getElementById("content")?.focus(); }}>Skip to the content</a>
    <header class="bar"><div class="bar-inner">
      <Brand/>
      <nav aria-label="Parts">{kParts.filter((each) => admin || !each.admin).map((each) =>
        <a key={each.name} href={linkTo(each.name)} aria-current={each.name === part ? "page" : undefined}>{each.title}</a>)}</nav>
      <span class="grow"/>
      <FreezeSwitch/>
      <ThemeSwitch/>
      <button type="button" class="quiet help" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick={() => setHelp(true)}>?</button>
      <span class="who" title={`Role: ${me.role}`}>{me.name}<span class="muted"> · {me.role}</span></span>
      <button type="button" class="quiet out" onClick={() => void logOut()}>Log out</button>
    </div></header>
    <FreezeBar/>
    <main id="content" tabIndex={-1}>{children}</main>
    {help && <ShortcutHelp close={() => setHelp(false)}/>}
  </>;
}
