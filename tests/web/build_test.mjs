// The page in web/dist is what web/src makes, and its modules do what their tests say. Needs Node 20.19 or newer and
// web/node_modules (npm ci in web); the C++ build needs neither.
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {existsSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {test} from "node:test";
import {root} from "./browser.mjs";

const [major, minor] = process.versions.node.split(".").map(Number);
const skip = major < 20 || (major === 20 && minor < 19) ? `Node ${process.versions.node} is older than 20.19`
  : !existsSync(join(root, "web/node_modules")) ? "web/node_modules is not there (npm ci in web)" : false;

function run(script, ...options) {
  const {status, stdout, stderr} = spawnSync(process.execPath, [script, ...options], {cwd: join(root, "web"), encoding: "utf8"});
  assert.equal(status, 0, stdout + stderr);
}

test("types are right", {skip}, () => run("node_modules/typescript/bin/tsc", "--noEmit"));
test("modules do what their tests say", {skip}, () => run("node_modules/vitest/vitest.mjs", "run"));
test("web/dist is what web/src makes", {skip}, () => run("build.mjs", "--check"));

test("lock files name no host", () => {
  for (const folder of ["web", "tests/web"])
    assert.ok(!readFileSync(join(root, folder, "package-lock.json"), "utf8").includes("\"resolved\""), `${folder}/package-lock.json says where packages came from`);
});
