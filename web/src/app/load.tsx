import type {ComponentChildren} from "preact";
import {useCallback, useEffect, useRef, useState} from "preact/hooks";
import {get, messageOf} from "../data/client.ts";

// Data of the API as it comes: nothing yet, an error, or the value; asked for again every `everyMs` while the page is seen.

export interface Loaded<T> {
  value: T | null;
  error: string;
  reload: () => void;
}

export function useLoaded<T>(path: string | null, everyMs = 0): Loaded<T> {
  const [state, setState] = useState<{path: string | null; value: T | null; error: string}>({path, value: null, error: ""});
  const wanted = useRef(path);
  wanted.current = path;
  const load = useCallback(async () => {
    if (!path) return;
    try {
      const value = await get<T>(path);
      if (wanted.current === path) setState({path, value, error: ""});
    } catch (error) {
      if (wanted.current === path) setState((old) => ({path, value: old.path === path ? old.value : null, error: messageOf(error)}));
    }
  }, [path]);
  useEffect(() => {
    void load();
    if (!everyMs) return;
    const timer = setInterval(() => { if (!document.hidden) void load(); }, everyMs);
    return () => clearInterval(timer);
  }, [load, everyMs]);
  const fresh = state.path === path;
  return {value: fresh ? state.value : null, error: fresh ? state.error : "", reload: () => void load()};
}

// What is shown around a value: its error, or that it is on its way.
export function Await<T>({of, children}: {of: Loaded<T>; children: (value: T) => ComponentChildren}) {
  if (of.value === null) return of.error ? <p class="notice bad" role="alert">{of.error}</p> : <p class="empty" aria-busy="true">Loading…</p>;
  return <>{of.error && <p class="notice" role="alert">{of.error} What follows may be out of date.</p>}{children(of.value)}</>;
}
