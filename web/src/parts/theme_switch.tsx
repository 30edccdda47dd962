import {useState} from "preact/hooks";
import {type Choice, chooseTheme, themeChoice} from "../chart/theme.ts";

const kNext: Record<Choice, Choice> = {auto: "dark", dark: "light", light: "auto"};
const kShapes: Record<Choice, string> = {
  auto: "M8 1.5a6.5 6.5 0 1 0 0 13Z",
  dark: "M13.5 10A6 6 0 0 1 6 2.5 6 6 0 1 0 13.5 10Z",
  light: "M8 5a3 3 0 1 0 .01 0ZM8 1v1.5m0 11V15M1 8h1.5m11 0H15M3 3l1 1m8 8 1 1M13 3l-1 1M4 12l-1 1",
};

export function ThemeSwitch() {
  const [choice, setChoice] = useState(themeChoice());
  const next = kNext[choice];
  return <button type="button" class="quiet theme" aria-label={`Colours: ${choice}. Change to ${next}.`} title={`Colours: ${choice}`}
    onClick={() => { chooseTheme(next); setChoice(next); }}>
    <svg viewBox="0 0 16 16" aria-hidden="true">{choice === "auto" && <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.4"/>}
      <path d={kShapes[choice]} fill={choice === "light" ? "none" : "currentColor"} stroke="currentColor" stroke-width="1.4" stroke-linecap="round"/></svg>
  </button>;
}
