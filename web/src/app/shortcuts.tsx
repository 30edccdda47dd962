import {useEffect, useRef} from "preact/hooks";
import {goTo} from "./route.ts";
import {kParts} from "./shell.tsx";

// Keys that work everywhere. Rows of lists are reached as elements with data-row, search fields with data-search.

const kHelp: [string, string][] = [["?", "this list"], ["/", "search"], ["j  k", "next and previous row"], ["Enter", "open the row"], ["x", "choose the row for a comparison"],
  ["c", "compare the two chosen"], ["g r", "runs"], ["g d", "game days"], ["g a", "agents"], ["g l", "audit log"], ["Esc", "close, or give up what was armed"]];
const kChartHelp: [string, string][] = [["←  →", "move"], ["+  −", "zoom"], ["0", "everything"], ["n  p", "next and previous operation that did not succeed"],
  ["↑  ↓", "another client"], [",  .", "its previous and next operation"], ["wheel", "zoom, once the chart has the focus"], ["Shift + wheel", "move"]];

const typing = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")].filter((row) => row.offsetParent);
  const at = rows.indexOf(document.activeElement as HTMLElement);
  rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
}

export function useShortcuts(showHelp: () => void): void {
  const before = useRef(0);  // when "g" was pressed
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target) || document.querySelector("dialog[open]")) return;
      const part = event.timeStamp - before.current < 1500 ? kParts.find((each) => each.key === event.key) : undefined;
      before.current = event.key === "g" ? event.timeStamp : 0;
      if (part) goTo(part.name);
      else if (event.key === "?") showHelp();
      else if (event.key === "/") document.querySelector<HTMLElement>("[data-search]")?.focus();
      else if (event.key === "j" || event.key === "k") moveRow(event.key === "j" ? 1 : -1);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [showHelp]);
}

function Keys({title, keys}: {title: string; keys: [string, string][]}) {
  return <div><h3>{title}</h3><dl class="shortcut-list">{keys.map(([key, says]) => <div key={key}><dt>{key.split(/ +/).map((each) => <kbd key={each}>{each}</kbd>)}</dt><dd>{says}</dd></div>)}</dl></div>;
}

export function ShortcutHelp({close}: {close: () => void}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return <dialog ref={dialog} class="dialog wide" aria-labelledby="shortcuts-title" onClose={close}>
    <div class="row"><h2 id="shortcuts-title" class="grow">Keyboard shortcuts</h2><button type="button" onClick={() => dialog.current?.close()}>Close</button></div>
    <div class="two"><Keys title="Everywhere" keys={kHelp}/><Keys title="On a chart" keys={kChartHelp}/></div>
  </dialog>;
}
