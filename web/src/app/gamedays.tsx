import {useState} from "preact/hooks";
import type {GameDay} from "../data/api.ts";
import {Mark} from "../parts/marks.tsx";
import {formatAgo, formatWall} from "../text/format.ts";
import {dayKey, monthDays, monthName} from "./calendar.ts";
import {Await, useLoaded} from "./load.tsx";
import {linkTo} from "./route.ts";

// The calendar of game days: a month as a grid, on narrow screens as a list of its days.

interface Start {
  at: Date;
  day: GameDay;
}

function startsByDay(days: GameDay[]): Map<string, Start[]> {
  const result = new Map<string, Start[]>();
  for (const day of days) {
    const moments = new Set([...day.starts, ...(day.next ? [day.next] : []), ...day.timeline.filter((each) => each.kind === "started").map((each) => each.at)]);
    for (const moment of moments) {
      const at = new Date(moment);
      if (Number.isNaN(at.getTime())) continue;
      const key = dayKey(at);
      result.set(key, [...result.get(key) ?? [], {at, day}].sort((a, b) => a.at.getTime() - b.at.getTime()));
    }
  }
  return result;
}

const clock = (at: Date): string => at.toLocaleTimeString("en-GB", {hour: "2-digit", minute: "2-digit"});

function Month({year, month, days}: {year: number; month: number; days: GameDay[]}) {
  const starts = startsByDay(days);
  const today = dayKey(new Date());
  const weeks = monthDays(year, month);
  const rows = Array.from({length: weeks.length / 7}, (_, i) => weeks.slice(i * 7, i * 7 + 7));
  return <table class="calendar" aria-label={monthName(year, month)}>
    <thead><tr>{["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
    <tbody>{rows.map((row) => <tr key={row[0]!.key}>{row.map(({key, date, inside}) => {
      const here = starts.get(key) ?? [];
      return <td key={key} class={[inside ? "" : "outside", key === today ? "today" : "", here.length ? "" : "free"].filter(Boolean).join(" ")} aria-current={key === today ? "date" : undefined}>
        <span class="date"><span class="weekday">{date.toLocaleDateString("en-GB", {weekday: "short"})} </span>{date.getDate()}</span>
        {here.map(({at, day}) => <a key={day.name + at.getTime()} href={linkTo("gamedays", day.name)} data-row class={`entry ${at.getTime() > Date.now() ? "" : "past"}`}>
          <b>{clock(at)}</b> {day.name}</a>)}
      </td>;
    })}</tr>)}</tbody>
  </table>;
}

function List({days}: {days: GameDay[]}) {
  return <div class="panel scroll" tabIndex={0} role="region" aria-label="All game days"><table class="list days">
    <thead><tr><th scope="col">State</th><th scope="col">Game day</th><th scope="col">Next start</th><th scope="col">Schedule</th><th scope="col">Approved by</th></tr></thead>
    <tbody>{days.map((day) => <tr key={day.name}><td><Mark kind={day.state}/></td>
      <td><a href={linkTo("gamedays", day.name)} data-row>{day.name}</a><span class="headline">{day.doc}</span></td>
      <td class="time">{day.next ? <>{formatWall(day.next)}<span class="sub-line">{formatAgo(day.next)}</span></> : "–"}</td>
      <td><code>{day.schedule || "by hand"}</code><span class="sub-line">{day.zone}</span></td>
      <td>{day.approvals ? `${day.approved_by.length} of ${day.approvals}` : "nobody has to"}<span class="sub-line">{day.approved_by.join(", ")}</span></td></tr>)}</tbody>
  </table></div>;
}

export function GameDays() {
  const days = useLoaded<{gamedays: GameDay[]}>("/gamedays", 10_000);
  const now = new Date();
  const [[year, month], setMonth] = useState<[number, number]>([now.getFullYear(), now.getMonth()]);
  const move = (by: number): void => { const to = new Date(year, month + by, 1); setMonth([to.getFullYear(), to.getMonth()]); };
  return <div class="inner view"><div class="view-head"><h1>Game days</h1><span class="grow"/>
    <div class="row" role="group" aria-label="Month"><button type="button" aria-label="Previous month" onClick={() => move(-1)}>←</button>
      <b class="month" aria-live="polite">{monthName(year, month)}</b><button type="button" aria-label="Next month" onClick={() => move(1)}>→</button>
      <button type="button" onClick={() => setMonth([now.getFullYear(), now.getMonth()])}>Today</button></div></div>
    <Await of={days}>{({gamedays}) => gamedays.length ? <><Month year={year} month={month} days={gamedays}/><section aria-labelledby="all-title"><h2 id="all-title">All of them</h2><List days={gamedays}/></section></>
      : <div class="panel"><p class="empty">No game day is planned. A plan is a TOML file:<br/><code>fracas gameday plan FILE</code></p></div>}</Await>
  </div>;
}
