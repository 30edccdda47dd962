// What the tests in a browser share: Debian's chromium, driven by playwright-core (npm ci in this folder).
import {existsSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, "../..");
export const binaries = process.env.FRACAS_BIN_DIR || join(root, "build/release/bin");
const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const playwright = await import("playwright-core").catch(() => null);

// Why no test can run that needs a browser and these programs; false if all can.
export function missing(...programs) {
  if (!chromium) return "chromium is not installed";
  if (!playwright) return "playwright-core is not installed (npm ci in tests/web)";
  const absent = programs.map((name) => join(binaries, name)).find((path) => !existsSync(path));
  return absent ? `${absent} is not built` : false;
}

export const launch = () => playwright.chromium.launch({executablePath: chromium, headless: true, args: ["--no-sandbox", "--disable-gpu",
  "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]});

export const kNarrowDark = {viewport: {width: 390, height: 844}, colorScheme: "dark"};

// A page in a context of its own, with everything it complained about and every request that `foreign` tells apart.
export async function openPage(browser, url, {foreign, ...options}) {
  const context = await browser.newContext({viewport: {width: 1280, height: 900}, ...options});
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => { if (message.type() !== "log") complaints.push(message.text()); });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => { if (foreign(request.url())) complaints.push(request.url()); });
  await page.goto(url);
  return {page, complaints, done: () => context.close()};
}

// After this the charts have drawn what was asked of them.
export const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))));

// How many pixels of a chart are painted.
export async function painted(page, selector) {
  await settled(page);
  return page.evaluate((chart) => {
    const canvas = document.querySelector(`${chart} canvas`);
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
    copy.drawImage(canvas, 0, 0);
    const pixels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
    let count = 0;
    for (let i = 3; i < pixels.length; i += 4) if (pixels[i]) ++count;
    return count;
  }, selector);
}

export const scrollsSideways = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
