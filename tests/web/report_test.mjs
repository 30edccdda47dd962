// Opens generated reports in Chromium, as a person would, from file://.
// Needs Debian's chromium, playwright-core (npm ci in this folder) and the program report_samples; skips without them.
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {existsSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {after, before, test} from "node:test";
import {fileURLToPath, pathToFileURL} from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const samples = join(process.env.FRACAS_BIN_DIR || join(here, "../../build/release/bin"), "report_samples");
const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const playwright = await import("playwright-core").catch(() => null);
const skip = !chromium ? "chromium is not installed" : !playwright ? "playwright-core is not installed (npm ci in tests/web)"
  : !existsSync(samples) ? `${samples} is not built` : false;
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

let browser;
let folder;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "fracas-report-"));
  execFileSync(samples, [folder]);
  browser = await playwright.chromium.launch({executablePath: chromium, headless: true, args: flags});
});

after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, {recursive: true});
});

// The page, and everything it complained about or asked the network for.
async function open(sample, options = {}) {
  const context = await browser.newContext({viewport: {width: 1280, height: 900}, ...options});
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => { if (message.type() !== "log") complaints.push(message.text()); });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => { if (!/^(file|data):/.test(request.url())) complaints.push(request.url()); });
  await page.goto(pathToFileURL(join(folder, sample, "report.html")).href);
  return {page, complaints, done: () => context.close()};
}

// How many pixels of the time line are painted.
const painted = (page) => page.evaluate(() => {
  const canvas = document.querySelector(".chart canvas");
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
  copy.drawImage(canvas, 0, 0);
  const pixels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
  let count = 0;
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i]) ++count;
  return count;
});

for (const [sample, verdict] of [["passed", "Passed"], ["violated", "Violated"], ["nasty", "Could not run"], ["large", "Passed"]]) {
  for (const options of [{}, {viewport: {width: 390, height: 844}, colorScheme: "dark"}]) {
    test(`${sample} report at ${options.viewport?.width ?? 1280} px: says its verdict without a complaint`, {skip}, async () => {
      const {page, complaints, done} = await open(sample, options);
      assert.equal(await page.locator("h1").textContent(), verdict);
      if (sample !== "nasty") assert.ok(await painted(page) > 20000);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scrolling");
      assert.ok(!(await page.title()).startsWith("broken"));
      assert.deepEqual(complaints, []);
      await done();
    });
  }
}

test("violated report: the proof is drawn and leads to the time line", {skip}, async () => {
  const {page, complaints, done} = await open("violated");
  assert.match(await page.locator("#counterexample").textContent(), /stale read/);
  assert.equal(await page.locator("#counterexample tbody tr").count(), 5);
  const picture = page.locator("#counterexample img.picture");
  assert.ok(await picture.evaluate((drawn) => drawn.complete && drawn.naturalWidth > 300), "the drawing is shown");
  const source = decodeURIComponent(await picture.getAttribute("src"));
  assert.match(source, /<svg/);
  for (const client of await page.locator("#counterexample tbody td:first-child").allTextContents())
    assert.ok(source.includes(`>${client}<`), `${client} has a lane`);
  const before = await painted(page);
  await page.getByRole("button", {name: "Show on the time line"}).click();
  assert.notEqual(await painted(page), before);
  assert.deepEqual(complaints, []);
  await done();
});

test("time line: pointing, dragging, double click and keys do what they say", {skip}, async () => {
  const {page, complaints, done} = await open("passed");
  const chart = page.locator(".chart");
  await chart.scrollIntoViewIfNeeded();
  const view = () => page.locator("[aria-live]").textContent();
  const box = await chart.boundingBox();
  await page.mouse.move(box.x + box.width * 0.2, box.y + 40);
  assert.match(await page.locator(".tip").textContent(), /ring#1.*net\.partition/);

  await page.mouse.move(box.x + 300, box.y + 150);
  await page.mouse.down();
  await page.mouse.move(box.x + 400, box.y + 150, {steps: 3});
  await page.mouse.up();
  assert.match(await view(), /Showing \d+\.\d+ s to \d+\.\d+ s/);
  assert.doesNotMatch(await view(), /Showing 0\.000 s/);
  await page.mouse.dblclick(box.x + 300, box.y + 150);
  assert.match(await view(), /Showing 0\.000 s to 43\.\d+ s/);

  await chart.focus();
  await page.keyboard.press("n");
  assert.match(await page.locator(".tip").textContent(), /(failed|unknown), .*client c\d+/);
  await page.keyboard.press("+");
  assert.doesNotMatch(await view(), /Showing 0\.000 s/);
  await page.keyboard.press("0");
  assert.match(await view(), /Showing 0\.000 s to 43/);
  assert.deepEqual(complaints, []);
  await done();
});

test("time line: outcomes can be hidden", {skip}, async () => {
  const {page, done} = await open("passed");
  const before = await painted(page);
  const button = page.getByRole("button", {name: /9,\d+ ok/});
  await button.click();
  assert.equal(await button.getAttribute("aria-pressed"), "false");
  assert.ok(await painted(page) < before);
  await done();
});

test("large report: a sample is drawn, says so, and redraws fluidly", {skip}, async () => {
  const {page, done} = await open("large");
  assert.match(await page.locator("#timeline .notice").textContent(), /100,000 of 1\d\d,\d{3} operations are drawn/);
  const milliseconds = await page.evaluate(() => {
    const chart = document.querySelector(".chart");
    const start = performance.now();
    for (let i = 0; i < 3; ++i) chart.dispatchEvent(new KeyboardEvent("keydown", {key: "0"}));
    return (performance.now() - start) / 3;
  });
  assert.ok(milliseconds < 1000, `one redraw took ${milliseconds} ms`);
  await done();
});
