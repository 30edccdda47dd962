// Builds web/dist, whose files have fixed names and are committed: the C++ build embeds them and needs no Node.
//   node build.mjs           writes them
//   node build.mjs --check   compares with them; exits 1 and names what differs
import {createHash} from "node:crypto";
import {mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {build} from "vite";

const root = dirname(fileURLToPath(import.meta.url));

// One entry as one script and one style sheet.
async function bundle(entry) {
  const [output] = [await build({
    root, configFile: false, logLevel: "error",
    build: {
      write: false, target: "es2022", cssTarget: "chrome123", modulePreload: false, cssCodeSplit: false, assetsInlineLimit: 1e6,
      lib: {entry: join(root, "src", entry), formats: ["iife"], name: "fracas", fileName: () => "script.js", cssFileName: "style"},
    },
    define: {"process.env.NODE_ENV": '"production"'},
  })].flat();
  const find = (name) => output.output.find((file) => file.fileName === name);
  return {script: find("script.js").code.trimEnd() + "\n", style: String(find("style.css").source).trimEnd() + "\n"};
}

const read = (name) => readFileSync(join(root, name), "utf8");
const digest = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

// Marks are replaced by functions, because a replacement text may not be read for "$&" and its like.
function fill(template, parts) {
  return Object.entries(parts).reduce((text, [mark, content]) => text.replace(mark, () => content), template);
}

// The report is one file, so its policy names the very script and style that stand in it. A script may not contain the
// end of its own element.
function report({script, style}) {
  const inner = script.replaceAll("</script", "<\\/script");
  return fill(read("report.html"), {"@POLICY@": `default-src 'none'; script-src ${digest(inner)}; style-src ${digest(style)}; img-src data:`,
    "@STYLE@": style, "@SCRIPT@": inner});
}

const files = {"report.html": report(await bundle("report.tsx"))};
{
  const app = await bundle("app.tsx");
  Object.assign(files, {"index.html": read("index.html"), "app.js": app.script, "app.css": app.style, "favicon.svg": read("favicon.svg")});
}

const dist = join(root, "dist");
const stored = (name) => { try { return readFileSync(join(dist, name), "utf8"); } catch { return null; } };
if (process.argv.includes("--check")) {
  const stale = Object.keys(files).filter((name) => stored(name) !== files[name]);
  if (stale.length) console.error(`web/dist is not what web/src makes: ${stale.join(", ")}; run "npm run build" in web`);
  process.exit(stale.length ? 1 : 0);
}
mkdirSync(dist, {recursive: true});
for (const [name, text] of Object.entries(files)) {
  writeFileSync(join(dist, name), text);
  console.log(`${name} ${(text.length / 1000).toFixed(1)} kB`);
}
