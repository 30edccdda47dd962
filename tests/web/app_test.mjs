// The app, in Chromium, against a stand-in for `fracas serve` with the runs of real experiments.
import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {obstacles} from "./accessibility.mjs";
import {kNarrowDark, launch, missing, openPage, painted, scrollsSideways, settled} from "./browser.mjs";
import {startController} from "./fake/controller.mjs";
import {kNow} from "./fake/stage.mjs";

const skip = missing("fracas");
const kWide = {};

let browser;
let controller;

before(async () => {
  if (skip) return;
  controller = await startController({speed: 40});
  browser = await launch();
});

after(async () => {
  await browser?.close();
  controller?.stop();
});

// Opens a view as somebody; the browser itself reports the refused call that precedes the login.
async function open(view, token = "admin-token", options = kWide) {
  const opened = await openPage(browser, `${controller.address}/#/${view}`, {foreign: (url) => !url.startsWith(controller.address) && !url.startsWith("data:"), timezoneId: "UTC", ...options});
  const {page} = opened;
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", {name: "Log in"}).click();
  await page.locator("nav[aria-label=Parts]").waitFor();
  opened.complaints.splice(0, opened.complaints.length, ...opened.complaints.filter((each) => !each.includes("401 (Unauthorized)")));
  return opened;
}

const idOf = (index) => controller.stage.runs[index].summary.id;
const heading = (page) => page.locator("main h1").first();

for (const options of [kWide, kNarrowDark]) {
  test(`every view at ${options.viewport?.width ?? 1280} px: says what it is, fits, and complains of nothing`, {skip}, async () => {
    const {page, complaints, done} = await open("runs", "admin-token", options);
    await page.clock.setFixedTime(new Date(kNow));
    const views = {runs: "Runs", [`runs/${idOf(1)}`]: "Passed", [`runs/${idOf(2)}`]: "Violated, as expected", [`runs/${idOf(9)}`]: "disk-error", [`compare/${idOf(1)}/${idOf(7)}`]: "Two runs compared",
      gamedays: "Game days", "gamedays/payments-november": "payments-november", agents: "Agents", audit: "Audit log", nowhere: "There is no such page"};
    for (const [view, title] of Object.entries(views)) {
      await page.goto(`${controller.address}/#/${view}`);
      await heading(page).filter({hasText: title}).waitFor();
      await settled(page);
      assert.ok(!await scrollsSideways(page), `${view} scrolls sideways`);
      assert.deepEqual(await obstacles(page), [], view);
      assert.ok(await page.getByText(/^(Freeze|frozen)$/).first().isVisible(), `${view} shows the freeze switch`);
    }
    assert.deepEqual(complaints, []);
    await done();
  });
}

test("login: a token that is not known is refused in words", {skip}, async () => {
  const {page, done} = await openPage(browser, controller.address, {foreign: () => false});
  await page.getByLabel("Token").fill("nonsense");
  await page.keyboard.press("Enter");
  assert.equal(await page.getByRole("alert").textContent(), "this token is not known");
  await done();
});

test("roles: a viewer is offered nothing that changes something", {skip}, async () => {
  const {page, complaints, done} = await open("runs", "view-token");
  await page.locator("[data-row]").first().waitFor();
  for (const name of ["Start a run", "Stop all", "Freeze"]) assert.equal(await page.getByRole("button", {name, exact: true}).count(), 0, name);
  assert.equal(await page.getByRole("link", {name: "Audit"}).count(), 0);
  assert.deepEqual(complaints, []);
  await done();
});

test("runs: search and verdict narrow the list, and stand in the address", {skip}, async () => {
  const {page, complaints, done} = await open("runs");
  await page.keyboard.press("/");
  await page.keyboard.type("partition quorum");
  await page.waitForFunction(() => document.querySelectorAll("[data-row]").length === 1);
  assert.match(page.url(), /q=partition\+quorum/);
  await page.getByLabel("Search runs").fill("");
  await page.getByLabel("Verdict", {exact: true}).selectOption("violated");
  await page.waitForFunction(() => document.querySelectorAll("[data-row]").length === 2);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll("[data-row]").length === 2);
  assert.deepEqual(complaints, []);
  await done();
});

test("keyboard: rows are walked, chosen and compared, and the help opens and closes", {skip}, async () => {
  const {page, complaints, done} = await open("runs");
  await page.locator("[data-row]").nth(3).waitFor();
  for (const key of ["j", "j", "x", "j", "x", "c"]) await page.keyboard.press(key);
  await heading(page).filter({hasText: "Two runs compared"}).waitFor();
  assert.match(page.url(), new RegExp(`compare/${idOf(1)}/${idOf(2)}`));
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("Keyboard shortcuts").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({state: "detached"});
  for (const [key, title] of [["d", "Game days"], ["a", "Agents"], ["l", "Audit log"], ["r", "Runs"]]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await heading(page).filter({hasText: title}).waitFor();
  }
  await page.reload();
  await page.locator("nav[aria-label=Parts]").waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  assert.deepEqual(complaints, []);
  await done();
});

test("keyboard: every stop of the tabulator is seen", {skip}, async () => {
  const {page, done} = await open("runs");
  await page.locator("[data-row]").nth(3).waitFor();
  await page.evaluate(() => document.activeElement.blur());
  const stops = new Set();
  for (let i = 0; i < 24; ++i) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      const box = element.getBoundingClientRect();
      return {name: element.getAttribute("aria-label") || element.textContent.trim() || element.id, outline: getComputedStyle(element).outlineStyle, inside: box.bottom > 0 && box.top < innerHeight && box.width > 0};
    });
    assert.ok(stop.inside && stop.outline !== "none", `${stop.name} does not show that it has the focus`);
    stops.add(stop.name);
  }
  for (const name of ["Runs", "Freeze", "Keyboard shortcuts", "Search runs", "Start a run", "nemesis-raft"]) assert.ok(stops.has(name), `${name} is not among ${[...stops].join(", ")}`);
  await done();
});

test("comparison: what differs is marked, and both time lines share one view", {skip}, async () => {
  const {page, done} = await open(`compare/${idOf(1)}/${idOf(7)}`);
  assert.match(await page.locator("tr.differs").allTextContents().then((rows) => rows.join("\n")), /Seed712/);
  const lines = page.locator(".compare-lines .chart");
  await lines.nth(1).waitFor();
  await lines.nth(0).focus();
  await page.keyboard.press("+");
  await settled(page);
  const spans = await page.locator(".compare-lines [aria-live]").allTextContents();
  assert.equal(spans[0], spans[1]);
  assert.doesNotMatch(spans[0], /Showing 0\.000/);
  await done();
});

test("run: history, notes and files are there", {skip}, async () => {
  const {page, complaints, done} = await open(`runs/${idOf(1)}`, "operate-token");
  await page.locator("#history .chart").waitFor();
  assert.ok(await painted(page, "#history .chart") > 20000);
  assert.match(await page.locator("#history .toolbar").textContent(), /5,\d{3} operations, 10 clients/);
  assert.match(await page.locator("#notes").textContent(), /Dashboards stay green/);
  const [download] = await Promise.all([page.waitForEvent("popup"), page.getByRole("link", {name: "verdict.json"}).click()]);
  assert.match(await download.locator("body").textContent(), /"name": ?"raft-partition-majority"/);
  await page.getByRole("textbox", {name: "Note"}).fill("Seen from here.");
  await page.getByRole("button", {name: "Add note"}).click();
  await page.locator("#notes").getByText("Seen from here.").waitFor();
  assert.deepEqual(complaints, []);
  await done();
});

test("live run: links, roles and plots as they are now, then the verdict", {skip}, async () => {
  controller.restart(5);
  const {page, complaints, done} = await open(`runs/${idOf(0)}`);
  await page.locator(".topology svg").waitFor();
  // What the drawing says is collected while it changes: on a busy machine a second of the run may pass between two looks.
  await page.evaluate(() => {
    window.said = new Set();
    const look = () => { for (const part of (document.querySelector(".topology figcaption")?.textContent ?? "").split(", ")) window.said.add(part.replace(/\d+/g, "N")); };
    new MutationObserver(look).observe(document.querySelector("main"), {subtree: true, childList: true, characterData: true});
  });
  await page.getByRole("link", {name: "Open the whole run"}).waitFor();
  const said = await page.evaluate(() => [...window.said]);
  for (const part of ["N links cut", "nN is down", "nN leads"]) assert.ok(said.includes(part), `"${part}" is not among ${said.join(", ")}`);
  assert.ok(await painted(page, ".plots .u-wrap") > 2000);
  assert.match(await page.getByRole("log").textContent(), /n\d leads in term \d+/);
  assert.match(await page.locator(".verdict-panel").textContent(), /pass/);
  await page.getByRole("link", {name: "Open the whole run"}).click();
  await heading(page).filter({hasText: "Passed"}).waitFor();
  assert.deepEqual(complaints, []);
  await done();
});

test("live run: stop asks once more, ends every fault, and says aborted", {skip}, async () => {
  controller.restart(1);
  const {page, complaints, done} = await open(`runs/${idOf(0)}`, "operate-token");
  await page.locator(".acting li").first().waitFor();
  await page.getByRole("button", {name: "Stop"}).click();
  assert.ok(await page.locator(".acting li").count() > 0, "one press stops nothing");
  await page.getByRole("button", {name: "End every fault now"}).click();
  await page.locator(".verdict-panel").getByText("aborted").waitFor();
  assert.equal(await page.locator(".acting li").count(), 0);
  assert.deepEqual(complaints, []);
  await done();
});

test("freeze: with a reason, seen by everybody, lifted by an approver only", {skip}, async () => {
  const operator = await open("runs", "operate-token");
  await operator.page.getByRole("button", {name: "Freeze", exact: true}).click();
  await operator.page.getByLabel("Why").fill("Quarter's end.");
  await operator.page.getByRole("button", {name: "Freeze all starts"}).click();
  await operator.page.locator(".freeze-bar").getByText(/Quarter's end\./).waitFor();
  assert.equal(await operator.page.getByRole("button", {name: "Lift"}).count(), 0);
  await operator.page.getByRole("button", {name: "Start a run"}).click();
  await operator.page.getByRole("radio").first().check();
  await operator.page.getByRole("button", {name: "Start", exact: true}).click();
  await operator.page.getByRole("alert").getByText(/frozen by ann/).waitFor();
  await operator.done();
  const approver = await open("agents", "approve-token");
  await approver.page.getByRole("button", {name: "Lift"}).click();
  await approver.page.getByRole("button", {name: "Allow starts again"}).click();
  await approver.page.locator(".freeze-bar").waitFor({state: "detached"});
  await approver.done();
});

test("start: an experiment of the library with a seed becomes a run", {skip}, async () => {
  const {page, complaints, done} = await open("runs", "operate-token");
  await page.getByRole("button", {name: "Start a run"}).click();
  await page.getByLabel("Search experiments").fill("kill-leader");
  await page.getByRole("radio").check();
  await page.getByLabel("Seed").fill("99");
  await page.getByRole("button", {name: "Start", exact: true}).click();
  await page.waitForURL(/runs\/.*kill-leader.*again/);
  assert.deepEqual(complaints, []);
  await done();
});

test("game days: the calendar leads to a day, which is approved, noted, detected, mitigated and stopped", {skip}, async () => {
  const {page, complaints, done} = await open("gamedays", "approve-token", {});
  await page.clock.setFixedTime(new Date(kNow));
  await page.reload();
  await page.getByRole("table", {name: "November 2026"}).waitFor();
  await page.getByRole("button", {name: "Next month"}).click();
  await page.getByRole("table", {name: "December 2026"}).getByRole("link", {name: /region-loss/}).first().click();
  await page.getByText("○ 1 more of dana, eli").waitFor();
  await page.getByText("checkout: GET https://shop.example/health").waitFor();
  await page.getByRole("button", {name: "Approve"}).click();
  await page.getByText("✓ dana approved").waitFor();
  await page.goto(`${controller.address}/#/gamedays/checkout-blind`);
  await page.getByText("Blind: what happens is hidden until the end.").waitFor();
  assert.ok(await page.getByRole("button", {name: "Seen"}).isDisabled());
  await page.getByRole("button", {name: "It is mitigated"}).click();
  await page.locator(".story").getByText("mitigated").waitFor();
  assert.match(await page.locator(".run-head").textContent(), /Time to mitigate6 min 00 s/);
  await page.getByRole("button", {name: "Stop"}).click();
  await page.getByRole("button", {name: "End every fault now"}).click();
  await page.locator(".run-head").getByText("stopped").waitFor();
  assert.deepEqual(complaints, []);
  await done();
});
