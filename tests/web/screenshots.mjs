// Takes the pictures of docs/screenshots, of the app against the stand-in controller: node tests/web/screenshots.mjs
// Who changes what a view looks like takes them again, and looks at them.
import {mkdirSync, statSync} from "node:fs";
import {join} from "node:path";
import {launch, missing, openPage, root, settled} from "./browser.mjs";
import {startController} from "./fake/controller.mjs";
import {kNow} from "./fake/stage.mjs";

const reason = missing("fracas");
if (reason) { console.error(reason); process.exit(1); }
const folder = join(root, "docs/screenshots");
const kBytesMax = 150_000;
mkdirSync(folder, {recursive: true});

const controller = await startController();
const {stage, address} = controller;
const idOf = (index) => stage.runs[index].summary.id;
const browser = await launch();
const kSizes = {wide: {width: 1280, height: 740}, narrow: {width: 390, height: 780}};

async function session(size, colorScheme) {
  const opened = await openPage(browser, address, {foreign: () => false, viewport: kSizes[size], colorScheme, timezoneId: "UTC"});
  await opened.page.clock.setFixedTime(new Date(kNow));
  return opened;
}

async function take(page, name) {
  await page.mouse.move(0, 0);
  await settled(page);
  await page.waitForTimeout(250);
  const path = join(folder, `${name}.png`);
  await page.screenshot({path, animations: "disabled"});
  const {size} = statSync(path);
  console.log(`${name}.png ${(size / 1000).toFixed(0)} kB${size > kBytesMax ? ": too large" : ""}`);
  if (size > kBytesMax) process.exitCode = 1;
}

const toPart = (id) => async (page) => { await page.locator(`#${id}`).waitFor(); await page.evaluate((part) => document.getElementById(part).scrollIntoView(), id); };

async function zoomed(page) {
  await toPart("history")(page);
  await page.locator("#history .chart").focus();
  for (let i = 0; i < 6; ++i) await page.keyboard.press("+");
  await page.keyboard.press("n");
  await settled(page);
}

const kViews = [
  {name: "runs", at: "runs"},
  {name: "live", at: `runs/${idOf(0)}`, hold: 8000, ready: (page) => page.locator(".acting li").first().waitFor()},
  {name: "violation", at: `runs/${idOf(2)}`, ready: toPart("counterexample")},
  {name: "run", at: `runs/${idOf(5)}`, ready: (page) => page.locator("#timeline .chart").waitFor()},
  {name: "history", at: `runs/${idOf(5)}`, ready: zoomed},
  {name: "compare", at: `compare/${idOf(1)}/${idOf(7)}`, ready: (page) => page.locator(".compare-lines .chart").first().waitFor()},
  {name: "gamedays", at: "gamedays"},
  {name: "gameday", at: "gamedays/payments-november"},
  {name: "agents", at: "agents"},
  {name: "audit", at: "audit"},
];

for (const [size, scheme] of [["wide", "light"], ["wide", "dark"], ["narrow", "light"], ["narrow", "dark"]]) {
  const {page, done} = await session(size, scheme);
  if (scheme === "light") await take(page, `login-${size}`);
  await page.getByLabel("Token").fill("admin-token");
  await page.getByRole("button", {name: "Log in"}).click();
  await page.locator("nav[aria-label=Parts]").waitFor();
  const only = process.argv.slice(2);
  for (const {name, at, hold, ready} of kViews.filter((each) => !only.length || only.includes(each.name))) {
    if (hold) controller.restart(100, hold);
    await page.goto(`${address}/#/${at}`);
    await page.locator("main h1").first().waitFor();
    await page.waitForTimeout(500);
    await ready?.(page);
    await take(page, `${name}-${size}-${scheme}`);
  }
  await done();
}
await browser.close();
controller.stop();
