// The app against a real `fracas serve`: a run is started from the page, happens in the simulated world, and is looked at.
import assert from "node:assert/strict";
import {execFileSync, spawn} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {obstacles} from "./accessibility.mjs";
import {binaries, launch, missing, openPage, painted, root} from "./browser.mjs";

const skip = missing("fracas");
const fracas = join(binaries, "fracas");

let browser;
let state;
let daemon;
let address;
let tokens;

// The daemon on a port of its own choice, which it says first.
async function startDaemon() {
  daemon = spawn(fracas, ["serve", "--listen", "127.0.0.1:0", "--state", state, "--experiments", join(root, "experiments")], {stdio: ["ignore", "pipe", "inherit"]});
  for await (const line of daemon.stdout) {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line));
    if (found) return found[0];
  }
  throw new Error("fracas serve ended before it said where it listens");
}

before(async () => {
  if (skip) return;
  state = mkdtempSync(join(tmpdir(), "fracas-serve-"));
  tokens = Object.fromEntries(["viewer", "operator", "approver", "admin"].map((role) => [role, execFileSync(fracas, ["serve", "user", "add", `${role}-user`, "--role", role, "--state", state], {encoding: "utf8", stdio: ["ignore", "pipe", "ignore"]}).trim()]));
  address = await startDaemon();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  if (daemon) {
    const ended = new Promise((done) => daemon.once("exit", done));
    daemon.kill("SIGTERM");
    await ended;
  }
  if (state) rmSync(state, {recursive: true, force: true});
});

async function open(role, view = "runs") {
  const opened = await openPage(browser, `${address}/#/${view}`, {foreign: (url) => !url.startsWith(address)});
  const {page} = opened;
  await page.getByLabel("Token").fill(tokens[role]);
  await page.getByRole("button", {name: "Log in"}).click();
  await page.locator("nav[aria-label=Parts]").waitFor();
  opened.complaints.splice(0, opened.complaints.length, ...opened.complaints.filter((each) => !each.includes("401 (Unauthorized)")));
  return opened;
}

test("fracas serve: a token that is not known is refused", {skip}, async () => {
  const {page, done} = await openPage(browser, address, {foreign: () => false});
  await page.getByLabel("Token").fill("nonsense");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await done();
});

async function submit(plan) {
  const answer = await fetch(`${address}/api/v1/gamedays`, {method: "POST", headers: {Authorization: `Bearer ${tokens.operator}`}, body: JSON.stringify({plan})});
  assert.equal(answer.status, 201, await answer.text());
}

test("fracas serve: a game day is in the calendar, agreed to, started and looked at", {skip, timeout: 120_000}, async () => {
  const rehearsal = readFileSync(join(root, "deploy/gamedays/rehearsal.toml"), "utf8");
  await submit(rehearsal);
  await submit(`name = "daily"\n[schedule]\ncron = "0 12 * * *"\n[[guard]]\nname = "calm"\nkind = "command"\ncommand = ["/bin/true"]\n[[experiment]]\nfile = "raft/kill-leader.toml"\n`);
  const approver = await open("approver", "gamedays");
  await approver.page.getByRole("button", {name: "Next month"}).click();
  await approver.page.locator(".entry").filter({hasText: "daily"}).nth(27).waitFor();
  await approver.page.locator(".days").getByRole("link", {name: "daily"}).click();
  await approver.page.getByText("calm: /bin/true, before each experiment and every 1s while one runs").waitFor();
  await approver.page.goto(`${address}/#/gamedays/rehearsal`);
  await approver.page.getByRole("button", {name: "Approve"}).click();
  await approver.page.getByText("✓ approver-user approved").waitFor();
  const {page, complaints, done} = await open("operator", "gamedays/rehearsal");
  await page.getByRole("button", {name: "Start now"}).click();
  await page.getByRole("button", {name: "Start it now"}).click();
  await page.getByRole("textbox", {name: "Note"}).fill("p99 is up");
  await page.getByRole("button", {name: "Add note"}).click();
  await page.locator(".run-head .mark").filter({hasText: "done"}).waitFor({timeout: 60_000});
  const story = page.locator(".story");
  await story.getByText("p99 is up").waitFor();
  await story.getByText("raft-kill-leader: pass").waitFor();
  assert.deepEqual(await obstacles(page), []);
  await page.locator(".list").getByRole("link", {name: /raft-kill-leader/}).click();
  await page.locator("#verdict h1").filter({hasText: "Passed"}).waitFor();
  assert.deepEqual([...complaints, ...approver.complaints], []);
  await approver.done();
  await done();
});

test("fracas serve: a simulated run is started, followed and looked at", {skip, timeout: 120_000}, async () => {
  const {page, complaints, done} = await open("operator");
  await page.getByRole("button", {name: "Start a run"}).click();
  await page.getByLabel("Search experiments").fill("partition-majority");
  await page.getByRole("radio").first().check();
  await page.getByLabel("Seed").fill("7");
  await page.getByLabel("World").selectOption("sim");
  await page.getByRole("button", {name: "Start", exact: true}).click();
  await page.waitForURL(/#\/runs\/.*partition-majority/);
  // A simulated run may be over before its view is there.
  const whole = page.getByRole("link", {name: "Open the whole run"});
  await page.locator(".verdict-panel, #verdict").first().waitFor({timeout: 60_000});
  if (await whole.count()) await whole.click();
  await page.locator("#verdict h1").filter({hasText: "Passed"}).waitFor();
  await page.locator("#history .chart").waitFor();
  assert.ok(await painted(page, "#timeline .chart") > 20_000);
  assert.ok(await painted(page, "#history .chart") > 20_000);
  assert.match(await page.locator("#history .toolbar").textContent(), /[\d,]+ operations, \d+ clients/);
  assert.deepEqual(await obstacles(page), []);
  await page.getByRole("textbox", {name: "Note"}).fill("Looked at in a browser.");
  await page.getByRole("button", {name: "Add note"}).click();
  await page.locator("#notes").getByText("Looked at in a browser.").waitFor();
  await page.goto(`${address}/#/runs`);
  // Those of the game day are there, too.
  await page.locator(".runs .mark").filter({hasText: "pass"}).first().waitFor();
  assert.deepEqual(complaints, []);
  await done();
});

test("fracas serve: what a viewer sees, and what the audit log says", {skip}, async () => {
  const viewer = await open("viewer");
  assert.equal(await viewer.page.getByRole("button", {name: "Start a run"}).count(), 0);
  await viewer.page.goto(`${address}/#/agents`);
  await viewer.page.getByText(/\d+ of \d+ faults work/).first().waitFor({timeout: 60_000});
  assert.deepEqual(viewer.complaints, []);
  await viewer.done();
  const admin = await open("admin", "audit");
  await admin.page.getByText("the chain is intact").waitFor();
  assert.match(await admin.page.locator(".audit").textContent(), /operator-user/);
  assert.deepEqual(admin.complaints, []);
  await admin.done();
});
