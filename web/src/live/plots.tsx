import "uplot/dist/uPlot.min.css";
import {useEffect, useRef} from "preact/hooks";
import uPlot from "uplot";
import {faultColour} from "../chart/fault_rows.ts";
import {makeMark} from "../chart/marks.ts";
import {onThemeChange, theme} from "../chart/theme.ts";
import {formatCount} from "../text/format.ts";
import type {LiveFault, LiveRun} from "./live_run.ts";

// Latency of operations and the share that succeeded while a run happens, with the faults as bands behind them.

const kAxis = {size: 56, font: "11px system-ui, sans-serif"};

// Seconds from the start to its planned end, or to now if that is later.
function spanOf(run: LiveRun): [number, number] {
  return [0, Math.max(run.begin?.duration_ms ?? 0, run.now, 1000) / 1000];
}

function drawBands(plot: uPlot, run: LiveRun): void {
  const {ctx, bbox} = plot;
  const kinds: Pick<LiveFault, "kind">[] = [...run.begin?.plan ?? [], ...run.faults];
  // Of many faults that overlap, the operations before them must still be seen.
  const strength = Math.max(0.3, Math.min(1, 10 / Math.max(1, run.faults.length)));
  ctx.save();
  for (const fault of run.faults) {
    const [from, to] = [fault.start, fault.end ?? run.now].map((ms) => plot.valToPos(ms / 1000, "x", true)) as [number, number];
    ctx.fillStyle = theme().colour(faultColour(kinds, fault.kind));
    ctx.globalAlpha = (theme().dark ? 0.2 : 0.13) * strength;
    ctx.fillRect(from, bbox.top, Math.max(2, to - from), bbox.height);
    ctx.globalAlpha = 0.6 * strength;
    ctx.fillRect(from, bbox.top, 1, bbox.height);
  }
  ctx.restore();
}

// `keep`: which of the marks on the axis get a line.
function axes(format: (value: number) => string, keep: (value: number) => boolean = () => true): uPlot.Axis[] {
  const line = {stroke: () => theme().colour("grid"), width: 1};
  const kept = {...line, filter: (_plot: uPlot, values: number[]) => values.map((value) => keep(value) ? value : null)};
  const common = {stroke: () => theme().colour("ink-3"), font: kAxis.font, grid: line, ticks: line};
  return [{...common, size: 30, values: (_plot, values) => values.map((value) => `${value} s`)},
    {...common, grid: kept, ticks: kept, size: kAxis.size, values: (_plot, values) => values.map((value) => value === null ? "" : format(value))}];
}

const isPower = (ms: number): boolean => Math.abs(Math.log10(ms) % 1) < 1e-6;
const latencyText = (ms: number): string => !isPower(ms) ? "" : ms >= 1000 ? `${ms / 1000} s` : ms >= 1 ? `${ms} ms` : `${ms * 1000} µs`;

function drawSamples(plot: uPlot, run: LiveRun): void {
  const {at, latency, outcome} = run.samples;
  const {ctx, bbox} = plot;
  const seen = new Uint8Array(Math.ceil(bbox.width) * Math.ceil(bbox.height));
  const ratio = devicePixelRatio || 1;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const marks = [null, makeMark(1, ratio), makeMark(2, ratio)];
  ctx.fillStyle = theme().colour("ok");
  ctx.globalAlpha = 0.65;
  const size = 2.4 * ratio;
  // One dot a pixel is enough; what did not succeed comes last, so that it is never hidden.
  for (const kind of [0, 2, 1]) {
    if (kind) ctx.globalAlpha = 1;
    for (let i = 0; i < at.length; ++i) {
      if (outcome[i] !== kind) continue;
      const x = plot.valToPos(at[i]! / 1000, "x", true);
      const y = Math.max(bbox.top, Math.min(bbox.top + bbox.height - 1, plot.valToPos(Math.max(0.01, latency[i]!), "y", true)));
      const pixel = Math.floor(x - bbox.left) + Math.floor(y - bbox.top) * Math.ceil(bbox.width);
      if (seen[pixel]! > kind) continue;
      seen[pixel] = kind + 1;
      const mark = marks[kind];
      if (!mark) ctx.fillRect(x - size / 2, y - size / 2, size, size);
      else ctx.drawImage(mark.canvas, x - mark.size * ratio / 2, y - mark.size * ratio / 2);
    }
  }
  ctx.restore();
}

function latencyOptions(run: LiveRun): Omit<uPlot.Options, "width" | "height"> {
  const range = (): [number, number] => {
    let [low, high] = [0.5, 50];
    for (const each of run.samples.latency) { low = Math.min(low, Math.max(0.01, each)); high = Math.max(high, each); }
    return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high * 1.2))];
  };
  return {
    scales: {x: {time: false, range: () => spanOf(run)}, y: {distr: 3, range}},
    series: [{label: "at"}, {label: "latency p99", show: true, stroke: () => theme().colour("ink-3"), width: 1, points: {show: false}, paths: () => null}],
    axes: axes(latencyText, isPower), legend: {show: false}, cursor: {y: false, sync: {key: "live"}, points: {show: false}, drag: {x: false, y: false}},
    hooks: {drawClear: [(plot) => drawBands(plot, run)], draw: [(plot) => drawSamples(plot, run)]},
  };
}

function rateOptions(run: LiveRun): Omit<uPlot.Options, "width" | "height"> {
  return {
    scales: {x: {time: false, range: () => spanOf(run)}, y: {range: [0, 1.02]}},
    series: [{label: "at"}, {label: "succeeded", stroke: () => theme().colour("ok"), width: 1.5, points: {show: true, size: 3, fill: () => theme().colour("ok")}}],
    axes: axes((value) => `${Math.round(value * 100)}%`), legend: {show: false}, cursor: {y: false, sync: {key: "live"}, points: {show: false}, drag: {x: false, y: false}},
    hooks: {drawClear: [(plot) => drawBands(plot, run)]},
  };
}

function countOptions(run: LiveRun): Omit<uPlot.Options, "width" | "height"> {
  return {
    ...rateOptions(run),
    scales: {x: {time: false, range: () => spanOf(run)}, y: {range: (_plot, _low, high) => [0, Math.max(10, (high ?? 0) * 1.1)]}},
    series: [{label: "at"}, {label: "per second", stroke: () => theme().colour("ink-3"), width: 1.2, points: {show: false}, fill: () => theme().colour("grid")}],
    axes: axes((value) => formatCount(value)),
  };
}

function Plot({options, data, height, label}: {options: Omit<uPlot.Options, "width" | "height">; data: uPlot.AlignedData; height: number; label: string}) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  useEffect(() => {
    const drawn = plot.current = new uPlot({...options, width: host.current!.clientWidth || 300, height}, data, host.current!);
    const observer = new ResizeObserver(() => { if (host.current?.clientWidth) drawn.setSize({width: host.current.clientWidth, height}); });
    observer.observe(host.current!);
    const end = onThemeChange(() => drawn.redraw(false, true));
    return () => { observer.disconnect(); end(); drawn.destroy(); };
  }, [options, height]);
  useEffect(() => plot.current?.setData(data), [data]);
  return <div ref={host} role="img" aria-label={label}/>;
}

// `version` counts the changes of `run`, which is one object while it grows.
export function LivePlots({run, version, narrow}: {run: LiveRun; version: number; narrow: boolean}) {
  const options = useRef<{run: LiveRun; latency: ReturnType<typeof latencyOptions>; rate: ReturnType<typeof rateOptions>; count: ReturnType<typeof countOptions>} | null>(null);
  if (options.current?.run !== run) options.current = {run, latency: latencyOptions(run), rate: rateOptions(run), count: countOptions(run)};
  const data = useRef<{version: number; latency: uPlot.AlignedData; rate: uPlot.AlignedData; count: uPlot.AlignedData} | null>(null);
  if (data.current?.version !== version) {
    const at = run.rates.at.map((ms) => ms / 1000);
    data.current = {version, latency: [at, at.map(() => 1)], rate: [at, [...run.rates.share]], count: [at, [...run.rates.perSecond]]};
  }
  return <>
    <h3 class="plot-title">Latency of each operation</h3>
    <Plot options={options.current.latency} data={data.current.latency} height={narrow ? 190 : 250} label={`Latency: p50 ${run.p50} ms, p99 ${run.p99} ms`}/>
    <h3 class="plot-title">Share that succeeded</h3>
    <Plot options={options.current.rate} data={data.current.rate} height={narrow ? 110 : 120} label="Share of operations that succeeded"/>
    <h3 class="plot-title">Completed per second</h3>
    <Plot options={options.current.count} data={data.current.count} height={narrow ? 100 : 110} label={`Operations completed per second, ${formatCount(run.perSecond)} now`}/>
  </>;
}
