// What the stand-in for a controller knows: runs of real experiments, and game days, agents and users made up.
import {execFileSync} from "node:child_process";
import {join} from "node:path";
import {readRun, simulate} from "./recorded_run.mjs";

// Every moment counts from here, so that screenshots are the same every time.
export const kNow = Date.parse("2026-11-21T22:30:00Z");

const kMinute = 60_000;
const kRuns = [
  {experiment: "nemesis/raft", minutes: 0, by: "ann", options: ["--seed", "5"]},
  {experiment: "raft/partition-majority", minutes: 14, by: "ann", notes: [{at_ms: 4200, by: "ann", text: "Dashboards stay green."}, {at_ms: 9300, by: "bo", text: "The leader steps down, as planned."}]},
  {experiment: "canary/follower-read", minutes: 55, by: "ci", options: ["--seed", "3343137532"]},
  {experiment: "raft/kill-leader", minutes: 130, by: "ci"},
  {experiment: "canary/small-quorum", minutes: 190, by: "ci", options: ["--seed", "872947795"]},
  {experiment: "raft/lossy-slow", minutes: 1500, by: "bo", gameday: "payments-november"},
  {experiment: "quorum/atomic-partition", minutes: 2960, by: "bo", gameday: "payments-november"},
  {experiment: "raft/partition-majority", minutes: 3000, by: "cy", options: ["--seed", "12"]},
  {experiment: "nemesis/raft", minutes: 4400, by: "cy", options: ["--seed", "48"]},
];

const nameOf = (started, experiment, seed) => `${new Date(started).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")}-${experiment.split("/")[1]}-${seed}`;

function recordedRuns(fracas, root, folder) {
  return kRuns.map((each, i) => {
    const target = join(folder, `run-${i}`);
    const file = `experiments/${each.experiment}.toml`;
    simulate(fracas, join(root, file), target, each.options);
    const started = kNow - each.minutes * kMinute - 21_000;
    const run = readRun(target, {...each, file, started, id: nameOf(started, each.experiment, i + 1)});
    return run;
  });
}

// Runs that left nothing to draw, one for each further verdict.
function bareRuns() {
  const bare = (verdict, minutes, name, headline) => {
    const started = kNow - minutes * kMinute;
    const summary = {id: nameOf(started, `x/${name}`, 0), name, doc: "", file: `experiments/${name}.toml`, world: "lab", target: "raft", seed: "7", state: "done", verdict, as_expected: false,
      headline, started: new Date(started).toISOString(), ended: new Date(started + 9000).toISOString(), by: "ann", gameday: "", ok: 0, fail: 0, info: 0, p99_ms: 0};
    return {summary, details: {...summary, error: headline, notes: [], files: [], phases: [], faults: [], checks: []}, page: null, history: null, events: []};
  };
  return [bare("could-not-run", 5100, "disk-error", "n2: disk.error needs /dev/fuse, which this host does not have"), bare("aborted", 5200, "checkout-slo", "stopped by ann after 9 s"),
    bare("cleanup-failed", 5300, "cpu-throttle", "cgroup fracas-n3 could not be removed: Device or resource busy"), bare("undecided", 5400, "queue-under-kills", "the checker ran out of its 10 s for key q3")];
}

const at = (minutes) => new Date(kNow + minutes * kMinute).toISOString();

function gameDays(runs) {
  const day = (name, doc, state, more) => ({name, doc, state, next: "", schedule: "", zone: "Europe/Berlin", approvers: [], approved_by: [], blind: false, experiments: [], timeline: [], detect_s: null, mitigate_s: null, starts: [], approvals: more.approvers?.length ?? 0, guards: [], ...more});
  const weekly = [2, 9, 16, 23, 30, 37, 44, 51].map((days) => at(days * 1440 - 740));
  return [
    day("checkout-blind", "The on-call team does not know what breaks. Staging, half an hour.", "running", {blind: true, schedule: "by hand", approvers: ["dana"], approved_by: ["dana"],
      timeline: [{at: at(-31), kind: "approved", who: "dana", text: ""}, {at: at(-6), kind: "started", who: "ann", text: ""}, {at: at(-4), kind: "note", who: "bo", text: "Error rate of checkout rises."}, {at: at(-3.4), kind: "detected", who: "bo", text: "Alert checkout-slo fired."}], detect_s: 156}),
    day("raft-weekly", "Kill and cut off leaders every Monday morning, before anyone needs the cluster.", "approved", {schedule: "10 10 * * 1", next: weekly[0], starts: weekly, approvers: ["dana", "eli"], approved_by: ["dana", "eli"],
      experiments: [{file: "experiments/raft/kill-leader.toml", name: "raft-kill-leader", state: "planned", run: null, verdict: ""}, {file: "experiments/raft/partition-majority.toml", name: "raft-partition-majority", state: "planned", run: null, verdict: ""}]}),
    day("region-loss", "A whole zone goes away while orders come in.", "planned", {schedule: "0 14 1 * *", next: at(13 * 1440 - 510), starts: [at(13 * 1440 - 510), at(43 * 1440 - 510)], guards: ["checkout: GET https://shop.example/health, before each experiment and every 2s while one runs"], approvers: ["dana", "eli"], approved_by: ["eli"],
      experiments: [{file: "experiments/quorum/atomic-kills.toml", name: "quorum-atomic-kills", state: "planned", run: null, verdict: ""}]}),
    day("payments-november", "Slow and lossy links between the payment store's nodes.", "done", {schedule: "0 21 20 11 *", starts: [at(-1500)],
      experiments: [5, 6].map((i) => ({file: runs[i].summary.file, name: runs[i].summary.name, state: "done", run: runs[i].summary.id, verdict: runs[i].summary.verdict})), approvers: ["dana"], approved_by: ["dana"], detect_s: 30, mitigate_s: 168,
      timeline: [{at: at(-1530), kind: "approved", who: "dana", text: ""}, {at: at(-1500), kind: "started", who: "", text: "by its schedule"}, {at: at(-1499.8), kind: "fault", who: "", text: "lossy#1 net.loss on n1 n2"},
        {at: at(-1499.3), kind: "detected", who: "bo", text: ""}, {at: at(-1497), kind: "mitigated", who: "bo", text: "Moved traffic to the other zone."}, {at: at(-1496.5), kind: "ended", who: "", text: "every check held"}]}),
    day("dns-outage", "Name service answers nothing for a minute.", "missed", {schedule: "0 9 18 11 *", zone: "UTC", starts: [at(-3 * 1440 - 810)]}),
  ];
}

// This machine's doctor, without what a kernel at hand happens to lack.
function agents(fracas) {
  const names = execFileSync(fracas, ["faults"], {encoding: "utf8"}).split("\n").map((line) => line.trim().split(/\s+/)[0]).filter((name) => /^[a-z]+\.[a-z-]+$/.test(name));
  const mechanism = {net: "tcx program", process: "pidfd", clock: "patched vDSO", disk: "FUSE", cpu: "cgroup", syscall: "ptrace"};
  const missing = new Map([["disk.error", "no /dev/fuse: load the module fuse"], ["disk.fill", ""], ["syscall.error", "CAP_SYS_PTRACE"]]);
  const host = (name, kernel, lacks) => ({host: name, kernel, faults: names.map((kind) => ({kind, mechanism: mechanism[kind.split(".")[0]] ?? "process", accuracy: kind.startsWith("net.") ? "±7 µs" : "", missing: lacks ? missing.get(kind) ?? "" : ""}))});
  return [host("n1.example", "Linux 6.1.0-18-amd64", false), host("n2.example", "Linux 5.15.0-91-generic", true)];
}

const kExperiments = ["raft/kill-leader", "raft/partition-majority", "raft/pause-leader", "quorum/atomic-partition", "canary/follower-read"];

export function makeStage(fracas, root, folder) {
  const runs = recordedRuns(fracas, root, folder);
  const live = runs[0];
  const audit = runs.slice(1).map((run, i) => ({at: run.summary.started, who: run.summary.by, action: "run.start", subject: run.summary.id, details: run.summary.file}))
    .concat([{at: at(-31), who: "dana", action: "gameday.approve", subject: "checkout-blind", details: ""}, {at: at(-6), who: "ann", action: "gameday.start", subject: "checkout-blind", details: ""}])
    .sort((a, b) => a.at.localeCompare(b.at)).map((entry, i) => ({sequence: i + 1, ...entry, hash: (i * 2654435761 + 12345 >>> 0).toString(16).padStart(8, "0").repeat(8)}));
  return {
    live, audit, runs: [...runs, ...bareRuns()], gamedays: gameDays(runs), agents: agents(fracas),
    experiments: kExperiments.map((name) => ({file: `experiments/${name}.toml`, name: name.replace("/", "-"), doc: runs.find((run) => run.summary.file.includes(name))?.summary.doc ?? "", target: name.split("/")[0] === "quorum" ? "quorum" : "raft",
      world: "lab", expect: name.startsWith("canary") ? "violated" : "pass", group: name.split("/")[0]})),
    tokens: {"view-token": ["vic", "viewer"], "operate-token": ["ann", "operator"], "approve-token": ["dana", "approver"], "admin-token": ["root", "admin"]},
    frozen: {frozen: false, reason: "", by: "", since: ""},
  };
}
