import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/run.css";
import {render} from "preact";
import {applyTheme, themeChoice} from "./chart/theme.ts";
import {operationsOf} from "./data/operations.ts";
import type {RunData} from "./data/run_page.ts";
import {ThemeSwitch} from "./parts/theme_switch.tsx";
import {RunPage} from "./run/run_page.tsx";

// report.html: the data stands in the file itself.

const data = JSON.parse(document.getElementById("data")!.textContent!) as RunData;
const operations = data.operations && operationsOf(data.operations);

function toTimeline(event: Event): void {
  event.preventDefault();
  document.getElementById("timeline")?.scrollIntoView();
  document.querySelector<HTMLElement>("#timeline .chart")?.focus();
}

applyTheme(themeChoice());
render(<>
  <a class="skip" href="#timeline" onClick={toTimeline}>Skip to the time line</a>
  <main>
    <div class="report-bar"><ThemeSwitch/></div>
    <RunPage data={data} operations={operations}/>
  </main>
</>, document.getElementById("page")!);
