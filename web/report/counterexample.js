"use strict";
// The picture of a counterexample: one lane a client, one bar an operation, the faults as bands under them.
// Operations that matter may be seconds apart and take microseconds, so the axis keeps their order, not their scale.

const kBar = 44;       // height of one lane
const kHead = 26;      // room for the faults' names
const kFoot = 28;      // room for the times

// Maps moments to x. Each step between neighbouring moments gets room that grows with its logarithm.
function compressedScale(moments, left, right) {
  const sorted = [...new Set(moments)].sort((a, b) => a - b);
  const weights = sorted.slice(1).map((moment, i) => 1 + Math.log10(1 + (moment - sorted[i]) / 100));
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  const places = [left];
  for (const weight of weights) places.push(places[places.length - 1] + weight / total * (right - left));
  return (us) => {
    const after = firstAtOrAfter(sorted, us);
    if (after >= sorted.length) return right;
    if (after === 0 || sorted[after] === us) return places[after];
    const share = (us - sorted[after - 1]) / (sorted[after] - sorted[after - 1]);
    return places[after - 1] + share * (places[after] - places[after - 1]);
  };
}

const endOf = (operation) => (operation.took < 0 ? Infinity : operation.start + operation.took);

// The faults that act between the first and the last moment shown.
function faultsAround(data, operations) {
  const from = Math.min(...operations.map((each) => each.start));
  const to = Math.max(...operations.map((each) => (each.took < 0 ? each.start : endOf(each))));
  return data.faults.filter((fault) => fault.start <= to && fault.end >= from);
}

// All operations are of one key, which the sentence names: the picture has no room to repeat it.
const shortText = (operation, key) => operation.says.replace(` to ${key}`, "").replace(` ${key} =`, "").replace(` ${key}`, "");

function drawCounterexample(host, data, example) {
  const operations = example.operations.map((each) => ({...each, label: shortText(each, example.key)}));
  const width = host.clientWidth;
  if (!width) return;
  const clients = [...new Set(operations.map((each) => each.client))];
  const left = width < 560 ? 44 : 64;
  const right = width - 14;
  const last = Math.max(...operations.map((each) => (each.took < 0 ? each.start : endOf(each))));
  const first = Math.min(...operations.map((each) => each.start));
  const moments = operations.flatMap((each) => (each.took < 0 ? [each.start] : [each.start, endOf(each)]));
  const faults = faultsAround(data, operations);
  for (const fault of faults) moments.push(Math.max(first, fault.start), Math.min(last, fault.end));
  const x = compressedScale(moments, left + 6, right - 30);
  const bottom = kHead + clients.length * kBar;

  const shapes = faults.flatMap((fault) => faultBand(data, fault, x, {left, right, bottom, first, last}));
  clients.forEach((client, lane) => {
    const middle = kHead + lane * kBar;
    shapes.push(element("line", {x1: left, x2: right, y1: middle + kBar - 0.5, y2: middle + kBar - 0.5, stroke: "var(--line)"}));
    shapes.push(element("text", {x: left - 10, y: middle + 33, "text-anchor": "end", "font-size": 12.5, "font-weight": 600}, client));
    let free = 0;
    for (const operation of operations.filter((each) => each.client === client)) {
      const label = labelPlace(operation, x, right);
      shapes.push(operationBar(operation, middle, x, right));
      if (label.from >= free) shapes.push(element("text", {x: label.from, y: middle + 17, "font-size": 12.5}, operation.label));
      if (label.from >= free) free = label.from + label.width;
    }
  });
  shapes.push(...timeLabels(operations, x, bottom));
  const label = operations.map((each) => `${each.client}: ${each.says}`).join("; ");
  host.replaceChildren(element("svg", {class: "lanes", viewBox: `0 0 ${width} ${bottom + kFoot}`, height: bottom + kFoot, role: "img", "aria-label": label}, shapes));
}

function faultBand(data, fault, x, box) {
  const from = fault.start <= box.first ? box.left : x(fault.start);
  const to = fault.end >= box.last ? box.right : x(fault.end);
  const colour = `var(${faultStyle(data, fault)})`;
  const room = Math.floor((to - from - 8) / 6.6);
  const name = fault.name.length <= room ? fault.name : room > 3 ? fault.name.slice(0, room - 1) + "…" : "";
  return [
    element("rect", {x: from, y: 2, width: Math.max(2, to - from), height: box.bottom - 2, fill: colour, "fill-opacity": 0.14}),
    element("rect", {x: from, y: 2, width: Math.max(2, to - from), height: 3, fill: colour}),
    element("text", {x: from + 6, y: 18, "font-size": 12, "font-weight": 600, style: `fill: ${colour}`}, name),
  ];
}

// Where an operation's text begins: above its bar, moved left where it would leave the picture.
function labelPlace(operation, x, right) {
  const width = operation.label.length * 7.3 + 6;
  return {from: Math.min(x(operation.start), right - width), width};
}

function operationBar(operation, top, x, right) {
  const from = x(operation.start);
  const colour = `var(--${kOutcomes[operation.outcome].name})`;
  if (operation.took >= 0) return element("rect", {x: from, y: top + 23, width: Math.max(6, x(endOf(operation)) - from), height: 14, rx: 3, fill: colour});
  return element("path", {d: `M${from} ${top + 23}H${right - 7}l7 7 -7 7H${from}Z`, fill: colour, "fill-opacity": 0.35, stroke: colour, "stroke-dasharray": "4 3"});
}

// The starts of the operations, where there is room between them.
function timeLabels(operations, x, bottom) {
  const labels = [];
  let free = -Infinity;
  for (const operation of [...operations].sort((a, b) => a.start - b.start)) {
    const at = x(operation.start);
    if (at < free) continue;
    free = at + 78;
    labels.push(element("line", {x1: at, x2: at, y1: bottom, y2: bottom + 5, stroke: "var(--ink-3)"}));
    labels.push(element("text", {x: at, y: bottom + 19, "font-size": 12, style: "fill: var(--ink-3)"}, formatMoment(operation.start)));
  }
  return labels;
}
