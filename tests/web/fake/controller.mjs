// A stand-in for `fracas serve`, for the tests of the page and for working on it: the same API, data that is the same
// every time, and a live run that is replayed.
//   node tests/web/fake/controller.mjs [PORT]     then log in with the token "admin-token"
import {createServer} from "node:http";
import {createReadStream, existsSync, mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {binaries, root} from "../browser.mjs";
import {kNow, makeStage} from "./stage.mjs";

const kRoles = ["viewer", "operator", "approver", "admin"];
const kPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const kAssets = {"/": ["index.html", "text/html; charset=utf-8"], "/assets/app.js": ["app.js", "text/javascript; charset=utf-8"], "/assets/app.css": ["app.css", "text/css; charset=utf-8"], "/assets/favicon.svg": ["favicon.svg", "image/svg+xml"]};

class Refusal extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

const wall = () => new Date(kNow).toISOString();

// The live run goes on from the moment the stage is set, `speed` times as fast as it was, up to `hold` milliseconds.
class LiveReplay {
  constructor(run, speed, hold = Infinity) { Object.assign(this, {run, speed, hold, began: Date.now(), stoppedAt: Infinity}); }
  get now() { return Math.min(this.stoppedAt, this.hold, (Date.now() - this.began) * this.speed); }
  get events() {
    const {events} = this.run;
    if (this.stoppedAt === Infinity) return events;
    const kept = events.filter((event) => event.at_ms <= this.stoppedAt && event.type !== "verdict");
    const acting = kept.filter((event) => event.type === "fault" && event.state === "armed" && !kept.some((other) => other.type === "fault" && other.state === "ended" && other.name === event.name));
    return [...kept, ...acting.map((event) => ({...event, at_ms: this.stoppedAt, state: "ended", counted: {affected: 1}})), {type: "verdict", at_ms: this.stoppedAt, verdict: "aborted", headline: "stopped from the page; every fault has ended", exit_code: 4}];
  }
  get over() { return this.now >= this.events.at(-1).at_ms; }
  get state() { return this.over ? "done" : "running"; }
  stop() { if (!this.over) this.stoppedAt = this.now; }
}

class FakeController {
  constructor(stage, speed) { Object.assign(this, {stage, replay: new LiveReplay(stage.live, speed)}); }

  user(request) {
    const token = /fracas=([^;]*)/.exec(request.headers.cookie ?? "")?.[1];
    const known = this.stage.tokens[token];
    if (!known) throw new Refusal(401, "log in first");
    if (request.method !== "GET" && request.headers["x-fracas"] !== "1") throw new Refusal(403, "a call by cookie needs the header X-Fracas");
    return {name: known[0], role: known[1]};
  }

  need(user, role) {
    if (kRoles.indexOf(user.role) < kRoles.indexOf(role)) throw new Refusal(403, `${user.name} is ${user.role}; this needs ${role}`);
  }

  log(user, action, subject, details = "") {
    const {audit} = this.stage;
    audit.push({sequence: audit.length + 1, at: wall(), who: user.name, action, subject, details, hash: "0f".repeat(32)});
  }

  run(id) {
    const run = this.stage.runs.find((each) => each.summary.id === id);
    if (!run) throw new Refusal(404, `there is no run ${id}`);
    return run;
  }

  summaryOf(run, details = false) {
    const known = details ? run.details : run.summary;
    if (run !== this.replay.run) return known;
    const aborted = this.replay.stoppedAt !== Infinity;
    return {...known, state: this.replay.state, ...(this.replay.over ? (aborted ? {verdict: "aborted", as_expected: false, headline: "stopped from the page; every fault has ended"} : {}) : {verdict: "", headline: "", ended: ""})};
  }

  runs(query) {
    const all = this.stage.runs.map((run) => this.summaryOf(run)).filter((run) => (!query.get("state") || run.state === query.get("state")) && (!query.get("verdict") || run.verdict === query.get("verdict")));
    const from = query.get("before") ? all.findIndex((run) => run.id === query.get("before")) + 1 : 0;
    return {runs: all.slice(from, from + Number(query.get("limit") ?? 50))};
  }

  start(body, user) {
    if (this.stage.frozen.frozen) throw new Refusal(409, `frozen by ${this.stage.frozen.by}: ${this.stage.frozen.reason}`);
    const base = this.stage.runs.find((run) => run.summary.file === body.file) ?? this.stage.runs[1];
    const summary = {...base.summary, id: `${base.summary.id}-again`, by: user.name, started: wall(), seed: body.seed ?? base.summary.seed};
    this.stage.runs.unshift({...base, summary, details: {...base.details, ...summary}});
    this.log(user, "run.start", summary.id, body.file);
    return summary;
  }

  events(run, request, response) {
    response.writeHead(200, {"Content-Type": "text/event-stream", "Cache-Control": "no-store"});
    let next = Number(request.headers["last-event-id"] ?? -1) + 1;
    const replay = run === this.replay.run ? this.replay : {events: run.events, now: Infinity};
    const send = () => {
      const {events, now} = replay;
      for (; next < events.length && events[next].at_ms <= now; ++next) response.write(`id: ${next}\nevent: ${events[next].type}\ndata: ${JSON.stringify(events[next])}\n\n`);
      if (next < events.length) return;
      clearInterval(timer);
      response.end();
    };
    const timer = setInterval(send, 50);
    send();
    request.on("close", () => clearInterval(timer));
  }

  gameDay(name, action, body, user) {
    const day = this.stage.gamedays.find((each) => each.name === name);
    if (!day) throw new Refusal(404, `there is no game day ${name}`);
    if (!action) return day;
    this.need(user, action === "approve" ? "approver" : "operator");
    const started = Date.parse(day.timeline.find((each) => each.kind === "started")?.at ?? wall());
    const seconds = (kNow - started) / 1000;
    const say = (kind, text = "") => day.timeline.push({at: wall(), kind, who: user.name, text});
    if (action === "approve") { day.approved_by.push(user.name); say("approved"); if (day.approvers.every((each) => day.approved_by.includes(each))) day.state = "approved"; }
    else if (action === "start") { day.state = "running"; say("started"); }
    else if (action === "stop") { day.state = "stopped"; say("stopped"); }
    else if (action === "notes") say("note", body.text);
    else if (action === "detected") { day.detect_s = seconds; say("detected"); }
    else if (action === "mitigated") { day.mitigate_s = seconds; say("mitigated"); }
    this.log(user, `gameday.${action}`, name);
    return {};
  }

  freeze(body, user) {
    this.need(user, body.frozen ? "operator" : "approver");
    this.stage.frozen = {frozen: body.frozen, reason: body.reason ?? "", by: user.name, since: wall()};
    this.log(user, body.frozen ? "freeze" : "unfreeze", "", body.reason);
    return {};
  }

  // The answer to a call below /api/v1, or undefined if it has written one itself.
  answer({method, steps, query, body}, request, response) {
    if (method === "POST" && steps[0] === "login") {
      if (!this.stage.tokens[body.token]) throw new Refusal(401, "this token is not known");
      response.setHeader("Set-Cookie", `fracas=${body.token}; HttpOnly; SameSite=Strict; Path=/`);
      return {};
    }
    const user = this.user(request);
    const [part, id, what, ...rest] = steps;
    if (part === "logout") { response.setHeader("Set-Cookie", "fracas=; HttpOnly; Max-Age=0; Path=/"); return {}; }
    if (part === "me") return {...user, frozen: this.stage.frozen, version: "0.1.0"};
    if (part === "experiments") return {experiments: this.stage.experiments};
    if (part === "agents") return {agents: this.stage.agents};
    if (part === "audit") { this.need(user, "admin"); return {entries: this.stage.audit.filter((each) => each.sequence > Number(query.get("after") ?? 0)).slice(0, Number(query.get("limit") ?? 200)), intact: true}; }
    if (part === "freeze") return this.freeze(body, user);
    if (part === "stop") { this.need(user, "operator"); this.replay.stop(); this.log(user, "stop", "everything"); return {}; }
    if (part === "gamedays") return id ? this.gameDay(id, what, body, user) : {gamedays: this.stage.gamedays};
    if (part !== "runs") throw new Refusal(404, "there is no such call");
    if (!id) { if (method === "GET") return this.runs(query); this.need(user, "operator"); response.statusCode = 201; return this.start(body, user); }
    const run = this.run(id);
    if (!what) return this.summaryOf(run, true);
    if (what === "events") return void this.events(run, request, response);
    if (what === "page" && run.page) return run.page;
    if (what === "history.bin" && run.history) return void response.setHeader("Content-Type", "application/octet-stream").end(run.history);
    if (what === "files" && run.folder && run.details.files.includes(rest[0])) return void createReadStream(join(run.folder, rest[0])).pipe(response.setHeader("Content-Type", "text/plain; charset=utf-8"));
    if (method === "POST" && what === "stop") { this.need(user, "operator"); if (run === this.replay.run) this.replay.stop(); this.log(user, "run.stop", id); return {}; }
    if (method === "POST" && what === "notes") { this.need(user, "operator"); run.details.notes.push({at_ms: 0, by: user.name, text: body.text}); return {}; }
    throw new Refusal(404, `the run has no ${what}`);
  }

  async handle(request, response) {
    const url = new URL(request.url, "http://page");
    const asset = kAssets[url.pathname];
    if (asset) return void response.setHeader("Content-Security-Policy", kPolicy).setHeader("Content-Type", asset[1]).end(readFileSync(join(root, "web/dist", asset[0])));
    try {
      if (!url.pathname.startsWith("/api/v1/")) throw new Refusal(404, "there is no such page");
      let text = "";
      for await (const part of request) text += part;
      const steps = url.pathname.slice("/api/v1/".length).split("/").map(decodeURIComponent);
      const answer = this.answer({method: request.method, steps, query: url.searchParams, body: text ? JSON.parse(text) : {}}, request, response);
      if (answer !== undefined) response.setHeader("Content-Type", "application/json").end(JSON.stringify(answer));
    } catch (error) {
      response.statusCode = error.status ?? 500;
      response.setHeader("Content-Type", "application/json").end(JSON.stringify({error: error.message, code: "refused"}));
      if (!error.status) console.error(error);
    }
  }
}

// `speed`: of the live run's replay. `adjust(stage)` may change what the controller knows before anyone asks.
export async function startController({port = 0, speed = 1, adjust = () => undefined} = {}) {
  const folder = mkdtempSync(join(tmpdir(), "fracas-page-"));
  const stage = makeStage(join(binaries, "fracas"), root, folder);
  adjust(stage);
  const controller = new FakeController(stage, speed);
  const server = createServer((request, response) => void controller.handle(request, response));
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  return {
    stage, address: `http://127.0.0.1:${server.address().port}`,
    restart: (faster, hold) => { controller.replay = new LiveReplay(stage.live, faster, hold); },
    stop: () => { server.closeAllConnections(); server.close(); if (existsSync(folder)) rmSync(folder, {recursive: true}); },
  };
}

if (process.argv[1] === import.meta.filename) {
  const {address} = await startController({port: Number(process.argv[2] ?? 8099)});
  console.log(`${address}: log in with admin-token, approve-token, operate-token or view-token`);
}
