import type {Effect} from "./events.ts";
import type {LiveNode, LiveRun} from "./live_run.ts";

// The nodes on a ring, with what they are and which links between them are cut or slow now, by direction.

const kWidth = 400;
const kHeight = 340;
const kLook: Record<Effect, {colour: string; dash: string; says: string}> = {
  cut: {colour: "var(--bad)", dash: "", says: "cut"},
  slow: {colour: "var(--warn)", dash: "9 5", says: "slow"},
  lossy: {colour: "var(--fault-3)", dash: "2 5", says: "lossy"},
  other: {colour: "var(--ink-3)", dash: "5 3", says: "disturbed"},
};

interface Place {
  x: number;
  y: number;
}

export function ringPlaces(count: number): Place[] {
  return Array.from({length: count}, (_, i) => {
    const angle = -Math.PI / 2 + i * 2 * Math.PI / Math.max(1, count);
    return {x: kWidth / 2 + Math.cos(angle) * 132, y: kHeight / 2 + 3 + Math.sin(angle) * 112};
  });
}

// A link's end points, moved aside so that the two directions do not cover each other, and clear of the nodes.
function sides(from: Place, to: Place, radius: number, aside: number): [Place, Place] {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const clear = radius + 7;
  return [{x: from.x + dx * clear - dy * aside, y: from.y + dy * clear + dx * aside},
    {x: to.x - dx * clear - dy * aside, y: to.y - dy * clear + dx * aside}];
}

function Link({from, to, radius, effect, both}: {from: Place; to: Place; radius: number; effect: Effect; both: boolean}) {
  const [a, b] = sides(from, to, radius, both ? 0 : 4);
  const look = kLook[effect];
  const middle = {x: (a.x + b.x) / 2, y: (a.y + b.y) / 2};
  const angle = Math.atan2(b.y - a.y, b.x - a.x);
  const at = (share: number): Place => ({x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share});
  const gap = Math.min(0.4, 9 / Math.max(1, Math.hypot(b.x - a.x, b.y - a.y)));
  const [before, after] = effect === "cut" ? [at(0.5 - gap), at(0.5 + gap)] : [middle, middle];
  const head = (tip: Place): string => `M${tip.x} ${tip.y}l${-9 * Math.cos(angle - 0.4)} ${-9 * Math.sin(angle - 0.4)}M${tip.x} ${tip.y}l${-9 * Math.cos(angle + 0.4)} ${-9 * Math.sin(angle + 0.4)}`;
  return <g stroke={look.colour} fill="none" stroke-width="2">
    <path d={`M${a.x} ${a.y}L${before.x} ${before.y}M${after.x} ${after.y}L${b.x} ${b.y}`} stroke-dasharray={look.dash} opacity={effect === "cut" ? 0.55 : 1}/>
    {effect === "cut" && <path d={`m${middle.x - 4} ${middle.y - 4} 8 8m0-8-8 8`} stroke-width="2.4"/>}
    {!both && <path d={head(b)}/>}
  </g>;
}

function Links({run, places, radius}: {run: LiveRun; places: Map<string, Place>; radius: number}) {
  const effects = run.links();
  const names = [...places.keys()];
  const drawn = names.flatMap((from, i) => names.slice(i + 1).flatMap((to) => {
    const [there, back] = [effects.get(`${from}>${to}`), effects.get(`${to}>${from}`)];
    const [a, b] = [places.get(from)!, places.get(to)!];
    const [start, end] = sides(a, b, radius, 0);
    const plain = <path key={`${from}-${to}`} d={`M${start.x} ${start.y}L${end.x} ${end.y}`} stroke="var(--line)" stroke-width="1.2"/>;
    if (there && there === back) return [<Link key={`${from}=${to}`} from={a} to={b} radius={radius} effect={there} both/>];
    return [plain, there && <Link key={`${from}>${to}`} from={a} to={b} radius={radius} effect={there} both={false}/>,
      back && <Link key={`${to}>${from}`} from={b} to={a} radius={radius} effect={back} both={false}/>];
  }));
  return <g>{drawn}</g>;
}

const kFill: Record<string, string> = {leader: "var(--leader)", candidate: "var(--candidate)", "pre-candidate": "var(--pre-candidate)"};

function Node({node, place, radius, afflictions}: {node: LiveNode; place: Place; radius: number; afflictions: string[]}) {
  const {x, y} = place;
  const down = node.state === "down";
  const leader = node.role === "leader" && node.state !== "down";
  const fill = down ? "var(--surface)" : node.state === "paused" ? "var(--paused)" : kFill[node.role] ?? "var(--follower)";
  const ink = down ? "var(--ink-3)" : node.state === "paused" || leader ? "var(--on-dark)" : "var(--on-follower)";
  const what = down ? "down" : node.state === "paused" ? "paused" : node.role;
  const above = y < kHeight / 2 - 30;
  const below = [what && node.term && !down ? `${what} · ${node.term}` : what, ...afflictions].filter(Boolean);
  return <g>
    {leader && <circle cx={x} cy={y} r={radius + 4} fill="none" stroke="var(--leader)" stroke-width="2"/>}
    <circle cx={x} cy={y} r={radius} fill={fill} stroke={down ? "var(--ink-3)" : "none"} stroke-width="1.5" stroke-dasharray={down ? "4 3" : undefined}/>
    <text x={x} y={y + (node.state === "up" ? 4.5 : 1)} text-anchor="middle" font-size="13" font-weight="650" fill={ink}>{node.name}</text>
    {down && <path d={`m${x - 4} ${y + 6} 8 8m0-8-8 8`} stroke="var(--bad)" stroke-width="2"/>}
    {node.state === "paused" && <path d={`M${x - 3} ${y + 6}v8M${x + 3} ${y + 6}v8`} stroke="var(--on-dark)" stroke-width="2.4"/>}
    {below.map((line, i) => <text key={line} x={x} y={above ? y - radius - 10 - (below.length - 1 - i) * 12 : y + radius + 15 + i * 12} text-anchor="middle" font-size="11" font-weight={leader && i === 0 ? 650 : 400}
      fill={i > 0 ? "var(--bad)" : leader ? "var(--leader)" : "var(--ink-2)"} paint-order="stroke" stroke="var(--surface)" stroke-width="3">{line}</text>)}
  </g>;
}

// What the drawing says, in words.
export function topologyWords(run: LiveRun): string {
  const nodes = run.ring();
  const leaders = nodes.filter((node) => node.role === "leader" && node.state !== "down").map((node) => node.name);
  const counts = new Map<string, number>();
  for (const effect of run.links().values()) counts.set(kLook[effect].says, (counts.get(kLook[effect].says) ?? 0) + 1);
  const parts = [leaders.length ? `${leaders.join(" and ")} lead${leaders.length > 1 ? "" : "s"}` : "",
    ...nodes.filter((node) => node.state !== "up").map((node) => `${node.name} is ${node.state}`),
    ...[...counts].map(([what, count]) => `${count} link${count > 1 ? "s" : ""} ${what}`)].filter(Boolean);
  return parts.length ? parts.join(", ") : "all links are whole";
}

export function Topology({run}: {run: LiveRun}) {
  const nodes = run.ring();
  const radius = nodes.length > 9 ? 15 : 22;
  const places = new Map(ringPlaces(nodes.length).map((place, i) => [nodes[i]!.name, place]));
  const words = topologyWords(run);
  return <figure class="topology">
    <svg viewBox={`0 0 ${kWidth} ${kHeight}`} role="img" aria-label={`${nodes.length} nodes: ${words}`}>
      <Links run={run} places={places} radius={radius}/>
      {nodes.map((node) => <Node key={node.name} node={node} place={places.get(node.name)!} radius={radius} afflictions={run.afflictions(node.name)}/>)}
    </svg>
    <figcaption class="small muted">{words}</figcaption>
  </figure>;
}
