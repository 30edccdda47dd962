// How fast the page shows a history of a million operations, in Chromium: the time to the first picture, and how long
// each frame takes while somebody zooms and moves. Prints a table; --json FILE writes it as well.
import {mkdirSync, writeFileSync} from "node:fs";
import {dirname} from "node:path";
import {launch, missing, openPage} from "../web/browser.mjs";
import {startController} from "../web/fake/controller.mjs";
import {historyBytes} from "../web/fake/recorded_run.mjs";

const kOperations = 1_000_000;
const kClients = 100;
const kFrame = 1000 / 60;

// As many operations as asked, without pause on each client, over the span of a recorded run.
function manyOperations(span) {
  let state = 7;
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  const each = kOperations / kClients;
  const rows = Array.from({length: kOperations}, (_, i) => {
    const client = i % kClients;
    const start = (Math.floor(i / kClients) + random() * 0.5) / each * span;
    const lot = random();
    const kind = lot > 0.999 ? 2 : lot > 0.995 ? 1 : 0;
    return {process: `c${client + 1}`, f: random() < 0.5 ? "read" : "write", key: `k${i % 20}`, input: Math.floor(random() * 1000), output: null,
      start, end: start + span / each * (0.05 + 0.4 * random()), kind};
  });
  return rows.sort((a, b) => a.start - b.start);
}

// The script time of one frame in which `act` takes effect.
const frameOf = (page, selector, action) => page.evaluate(([where, what]) => new Promise((done) => {
  const chart = document.querySelector(where);
  const box = chart.getBoundingClientRect();
  let begin = 0;
  requestAnimationFrame(() => { begin = performance.now(); });
  if (what.key) chart.dispatchEvent(new KeyboardEvent("keydown", {key: what.key, bubbles: true}));
  else chart.dispatchEvent(new WheelEvent("wheel", {...what, clientX: box.left + box.width / 2, clientY: box.top + 50, ctrlKey: !what.shiftKey, bubbles: true, cancelable: true}));
  requestAnimationFrame(() => done(performance.now() - begin));
}), [selector, action]);

const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)];

async function measure(page, name, selector, actions) {
  const times = [];
  for (const action of actions) times.push(await frameOf(page, selector, action));
  return {name, frames: times.length, p50_ms: quantile(times, 0.5), p95_ms: quantile(times, 0.95), max_ms: Math.max(...times), within_frame: times.filter((each) => each <= kFrame).length / times.length};
}

const repeat = (count, action) => Array.from({length: count}, () => action);

const reason = missing("fracas");
if (reason) { console.log(`skipped: ${reason}`); process.exit(0); }
const controller = await startController({adjust: (stage) => {
  const run = stage.runs[1];
  run.history = historyBytes(manyOperations(run.page.span[1] * 1000), 0);
}});
const browser = await launch();
const {page} = await openPage(browser, controller.address, {foreign: () => false});
await page.getByLabel("Token").fill("view-token");
await page.getByRole("button", {name: "Log in"}).click();
await page.locator("nav[aria-label=Parts]").waitFor();

const first = await page.evaluate(async (run) => {
  const begin = performance.now();
  location.hash = `#/runs/${run}`;
  while (!document.querySelector("#history .chart canvas")?.height || document.querySelector("#history .chart canvas").height < 200) await new Promise(requestAnimationFrame);
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - begin;
}, controller.stage.runs[1].summary.id);

const kHistory = "#history .chart";
const results = [
  await measure(page, "everything, redrawn", kHistory, repeat(10, {key: "0"})),
  await measure(page, "zooming in by wheel", kHistory, repeat(60, {deltaY: -60})),
  await measure(page, "moving, zoomed in", kHistory, repeat(60, {deltaX: 40, shiftKey: true})),
  await measure(page, "zooming out by wheel", kHistory, repeat(60, {deltaY: 60})),
];
await browser.close();
controller.stop();

console.log(`${kOperations.toLocaleString("en")} operations, ${kClients} clients; time line and history both redraw\nfirst picture after ${first.toFixed(0)} ms (fetch, columns, index, both charts)`);
console.log("| what | frames | p50 ms | p95 ms | max ms | within 16.7 ms |\n|---|---|---|---|---|---|");
for (const each of results) console.log(`| ${each.name} | ${each.frames} | ${each.p50_ms.toFixed(1)} | ${each.p95_ms.toFixed(1)} | ${each.max_ms.toFixed(1)} | ${(each.within_frame * 100).toFixed(0)}% |`);
const at = process.argv.indexOf("--json");
if (at > 0) {
  mkdirSync(dirname(process.argv[at + 1]), {recursive: true});
  writeFileSync(process.argv[at + 1], JSON.stringify({operations: kOperations, clients: kClients, first_ms: first, results}, null, 2) + "\n");
}
