import type {ComponentChildren} from "preact";
import {useEffect, useRef, useState} from "preact/hooks";
import {messageOf} from "../data/client.ts";

// Buttons that change something: they wait for the answer, and say what went wrong beside themselves.

export function ActionButton({act, children, class: style, disabled, title}: {
  act: () => Promise<unknown>; children: ComponentChildren; class?: string; disabled?: boolean; title?: string;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const run = async (): Promise<void> => {
    setBusy(true);
    setError("");
    try { await act(); } catch (reason) { setError(messageOf(reason)); }
    setBusy(false);
  };
  return <span class="row">
    <button type="button" class={style} disabled={disabled || busy} title={title} onClick={() => void run()}>{children}</button>
    {error && <span class="toned bad small" role="alert">{error}</span>}
  </span>;
}

// A button that has to be pressed twice: the first press arms it for a few seconds.
export function ConfirmButton({act, label, confirm, disabled}: {act: () => Promise<unknown>; label: ComponentChildren; confirm: string; disabled?: boolean}) {
  const [armed, setArmed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const press = async (): Promise<void> => {
    clearTimeout(timer.current);
    if (!armed) {
      setArmed(true);
      timer.current = window.setTimeout(() => setArmed(false), 5000);
      return;
    }
    setArmed(false);
    setBusy(true);
    setError("");
    try { await act(); } catch (reason) { setError(messageOf(reason)); }
    setBusy(false);
  };
  return <span class="row">
    <button type="button" class={armed ? "danger armed" : "danger"} disabled={disabled || busy} onClick={() => void press()}
      onKeyDown={(event) => { if (event.key === "Escape" && armed) { event.stopPropagation(); setArmed(false); } }}>{armed ? confirm : label}</button>
    {armed && <button type="button" class="quiet" onClick={() => setArmed(false)}>Cancel</button>}
    <span class="visually-hidden" aria-live="assertive">{armed ? `Press again: ${confirm}` : ""}</span>
    {error && <span class="toned bad small" role="alert">{error}</span>}
  </span>;
}

export function StopIcon() { return <svg viewBox="0 0 12 12" aria-hidden="true"><rect x="1" y="1" width="10" height="10" rx="1.5" fill="currentColor"/></svg>; }
