import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/run.css";
import "./styles/app.css";
import {render} from "preact";
import {useCallback, useEffect, useState} from "preact/hooks";
import {Agents} from "./app/agents.tsx";
import {Audit} from "./app/audit.tsx";
import {Compare} from "./app/compare.tsx";
import {GameDayPage} from "./app/gameday.tsx";
import {GameDays} from "./app/gamedays.tsx";
import {Login} from "./app/login.tsx";
import {type Route, useRoute} from "./app/route.ts";
import {Run} from "./app/run.tsx";
import {Runs} from "./app/runs.tsx";
import {SessionContext} from "./app/session.tsx";
import {Shell} from "./app/shell.tsx";
import {applyTheme, themeChoice} from "./chart/theme.ts";
import type {Me} from "./data/api.ts";
import {ApiError, get, messageOf, whenUnauthorized} from "./data/client.ts";

// The app that `fracas serve` answers with.

function Content({route}: {route: Route}) {
  const [part = "runs", first, second] = route.steps;
  if (part === "runs") return first ? <Run key={first} id={first}/> : <Runs route={route}/>;
  if (part === "compare" && first && second) return <Compare key={`${first} ${second}`} a={first} b={second}/>;
  if (part === "gamedays") return first ? <GameDayPage key={first} name={first}/> : <GameDays/>;
  if (part === "agents") return <Agents/>;
  if (part === "audit") return <Audit/>;
  return <div class="inner view"><h1>There is no such page</h1><p><a href="#/runs">All runs</a></p></div>;
}

const kTitles: Record<string, string> = {runs: "Runs", compare: "Comparison", gamedays: "Game days", agents: "Agents", audit: "Audit log"};

function App() {
  const route = useRoute();
  const [me, setMe] = useState<Me | null>(null);
  const [state, setState] = useState<"asking" | "in" | "out" | string>("asking");
  const load = useCallback(async () => {
    try {
      setMe(await get<Me>("/me"));
      setState("in");
    } catch (error) {
      setState(error instanceof ApiError && error.status === 401 ? "out" : messageOf(error));
    }
  }, []);
  useEffect(() => {
    whenUnauthorized(() => setState("out"));
    void load();
    const timer = setInterval(() => { if (!document.hidden) void load(); }, 10_000);
    return () => clearInterval(timer);
  }, []);
  const part = route.steps[0] ?? "runs";
  useEffect(() => { document.title = `${route.steps[1] ?? kTitles[part] ?? "fracas"} · fracas`; }, [route]);
  if (state === "out") return <Login done={() => void load()}/>;
  if (!me) return state === "asking" ? <p class="empty" aria-busy="true">Loading…</p> : <p class="notice bad" role="alert">{state}</p>;
  return <SessionContext.Provider value={{me, reload: () => void load()}}>
    <Shell part={part === "compare" ? "runs" : part}>
      {state !== "in" && <p class="notice bad" role="alert">{state}</p>}
      <Content route={route}/>
    </Shell>
  </SessionContext.Provider>;
}

applyTheme(themeChoice());
render(<App/>, document.getElementById("page")!);
