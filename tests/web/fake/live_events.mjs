// The events that a run would have sent while it happened, from what it left behind.

const kStep = 250;  // milliseconds between two counts of operations

// Directed links that a fault of the network acts on, from its description for people.
export function linksOf(fault, hosts) {
  const all = hosts.flatMap((from) => hosts.filter((to) => to !== from).map((to) => [from, to]));
  if (fault.kind === "net.partition") {
    if (fault.description.includes("|")) {
      const groups = fault.description.split("|").map((group) => group.trim().split(" "));
      const groupOf = (host) => groups.findIndex((group) => group.includes(host));
      return all.filter(([from, to]) => groupOf(from) >= 0 && groupOf(to) >= 0 && groupOf(from) !== groupOf(to));
    }
    const heard = new Map();
    for (const part of fault.description.split(", ")) {
      const [listeners, speakers] = part.split(" hears ");
      if (speakers) for (const listener of listeners.split(" ")) heard.set(listener, speakers.split(" "));
    }
    return all.filter(([from, to]) => heard.has(to) && !heard.get(to).includes(from));
  }
  if (!fault.kind.startsWith("net.") || fault.kind === "net.reset") return [];
  const victims = fault.effects.map((effect) => effect.host);
  return all.filter(([from]) => victims.includes(from));
}

const effectOf = (kind) => kind === "net.partition" ? "cut" : kind === "net.delay" ? "slow" : kind === "net.loss" ? "lossy" : "other";

function faultEvents(page, hosts) {
  return page.faults.filter((fault) => fault.end > fault.start).flatMap((fault) => {
    const base = {type: "fault", name: fault.name, kind: fault.kind, victims: fault.effects.filter((each) => each.affected).map((each) => each.host), links: linksOf(fault, hosts), effect: effectOf(fault.kind)};
    const counted = fault.effects.reduce((sum, effect) => ({matched: sum.matched + effect.matched, affected: sum.affected + effect.affected}), {matched: 0, affected: 0});
    const state = fault.kind === "process.kill" ? "down" : fault.kind === "process.pause" ? "paused" : "";
    const events = [{...base, at_ms: fault.start / 1000, state: "armed", counted: {}}, {...base, at_ms: fault.end / 1000, state: "ended", counted}];
    if (state) for (const node of base.victims) events.push({type: "node", at_ms: fault.start / 1000, node, state}, {type: "node", at_ms: fault.end / 1000, node, state: "up"});
    return events;
  });
}

const quantile = (sorted, share) => sorted.length ? sorted[Math.floor((sorted.length - 1) * share)] : 0;

function operationEvents(operations, origin, end) {
  const ended = operations.map((each) => ({at: ((each.end === Infinity ? each.start + 1e9 : each.end) - origin) / 1e6, took: (each.end === Infinity ? 1e9 : each.end - each.start) / 1e6, kind: each.kind})).sort((a, b) => a.at - b.at);
  const events = [];
  let next = 0;
  for (let at = kStep; at <= end + kStep; at += kStep) {
    const mine = [];
    while (next < ended.length && ended[next].at <= at) mine.push(ended[next++]);
    const took = mine.filter((each) => each.kind === 0).map((each) => each.took).sort((a, b) => a - b);
    const count = (kind) => mine.filter((each) => each.kind === kind).length;
    events.push({type: "ops", at_ms: at, ok: count(0), fail: count(1), info: count(2), p50_ms: quantile(took, 0.5), p99_ms: quantile(took, 0.99),
      samples: mine.slice(0, 200).map((each) => [each.at, each.took, each.kind])});
  }
  return events;
}

export function liveEvents({page, summary, plan, nodes, operations, origin}) {
  const end = page.span[1] / 1000;
  const begin = {type: "begin", at_ms: 0, run: summary.id, name: summary.name, nodes: plan.hosts, clients: 10, duration_ms: end,
    phases: page.phases.map((phase) => ({name: phase.name, start_ms: phase.start / 1000, end_ms: phase.end / 1000})),
    plan: page.faults.map((fault) => ({name: fault.name, kind: fault.kind, start_ms: fault.start / 1000, end_ms: fault.end / 1000, victims: []}))};
  const roles = Object.values(nodes).flat().filter((event) => event.event === "role")
    .map((event) => ({type: "role", at_ms: Math.max(0, (event.time - origin) / 1e6), node: event.node, role: event.role, term: event.term}));
  const rest = [...page.phases.map((phase) => ({type: "phase", at_ms: phase.start / 1000, name: phase.name})), ...faultEvents(page, plan.hosts), ...roles, ...operationEvents(operations, origin, end),
    {type: "log", at_ms: 5, level: "info", text: `seed ${summary.seed}, ${plan.hosts.length} nodes started`}];
  return [begin, ...rest.sort((a, b) => a.at_ms - b.at_ms), {type: "verdict", at_ms: end + kStep, verdict: summary.verdict, headline: summary.headline, exit_code: summary.as_expected ? 0 : 1}];
}
