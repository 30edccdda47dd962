"use strict";
// Fills the page's sections from the data that stands in it.

function verdictHeader(data) {
  const header = document.getElementById("verdict");
  header.classList.add(data.tone);
  header.append(element("div", {class: "inner"},
    element("p", {class: "run-name"}, [data.name, ...data.meta].filter(Boolean).join(" · ")),
    element("h1", {}, data.verdict),
    element("p", {class: "sentence"}, data.sentence),
    data.doc ? element("p", {class: "doc"}, `The experiment: ${data.doc}`) : null,
    element("dl", {class: "stats"}, data.stats.map(([label, value]) =>
      element("div", {}, element("dt", {}, label), element("dd", {}, value))))));
}

function table(head, bodies) {
  return element("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Table"},
    element("table", {}, element("thead", {}, element("tr", {}, head.map(([label, kind]) =>
      element("th", {scope: "col", class: kind || null}, label)))), bodies));
}

function counterexampleCard(data, check, timeline) {
  const example = check.counterexample;
  const card = element("div", {class: "card"}, element("p", {class: "says"}, example.sentence));
  const operations = example.operations;
  if (example.notes.length) card.append(element("ul", {class: "details"}, example.notes.map((note) => element("li", {}, note))));
  if (!operations.length) return card;
  const drawn = element("img", {class: "picture", alt: example.sentence,
    src: "data:image/svg+xml;charset=utf-8," + encodeURIComponent(example.picture)});
  card.append(element("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Picture"}, drawn),
    element("p", {class: "muted", style: "font-size: 13px; margin-bottom: 10px"},
      "One lane a client, in the order of time; distances are compressed. The numbers are the longest order that works, red is what cannot follow it. Dashed: the outcome is unknown. Shaded: faults that were acting."),
    table([["Client"], ["Operation"], ["Node"], ["Outcome"], ["Started", "number"], ["Returned", "number"]],
      element("tbody", {}, operations.map((each) => element("tr", {},
        element("td", {}, each.client), element("td", {class: "mono"}, each.says), element("td", {}, each.node || "–"),
        element("td", {}, kOutcomes[each.outcome].says), element("td", {class: "number"}, formatMoment(each.start, 6)),
        element("td", {class: "number"}, each.took < 0 ? "never" : formatMoment(each.start + each.took, 6)))))));
  const from = Math.min(...operations.map((each) => each.start));
  const to = Math.max(...operations.map((each) => each.start + Math.max(0, each.took)));
  const margin = Math.max(20000, (to - from) * 0.15);
  card.append(element("p", {style: "margin-top: 12px"}, element("button", {type: "button",
    onclick: () => { timeline().show(from - margin, to + margin); document.getElementById("timeline").scrollIntoView(); }},
    "Show on the time line")));
  return card;
}

function checkCard(check) {
  return element("div", {class: `card check ${check.tone}`},
    element("div", {class: "check-head"}, element("h3", {}, check.name), element("span", {class: "pill"}, check.verdict)),
    element("p", {}, check.summary),
    check.details.length && !check.counterexample ? element("ul", {class: "details"}, check.details.map((line) => element("li", {}, line))) : null,
    check.numbers.length ? element("dl", {class: "numbers"}, check.numbers.map(([label, value]) =>
      element("div", {}, element("dt", {}, label), element("dd", {}, value)))) : null);
}

function faultTable(data, timeline) {
  if (!data.faults.length) return element("div", {class: "card"}, element("p", {}, "No fault was injected."));
  const bodies = data.faults.map((fault) => {
    const margin = Math.max(250000, (fault.end - fault.start) * 0.2);
    const go = () => { timeline().show(fault.start - margin, fault.end + margin); document.getElementById("timeline").scrollIntoView(); };
    const rows = fault.effects.map((effect) => element("tr", {class: "sub"},
      element("th", {scope: "row"}, effect.host), element("td", {}, effect.mechanism),
      element("td", {class: "time"}, effect.first === null ? "–" : `${formatMoment(effect.first)} – ${formatMoment(effect.last)}`),
      element("td", {class: "number"}, formatCount(effect.matched)), element("td", {class: "number"}, formatCount(effect.affected)),
      element("td", {class: "number"}, effect.bytes ? formatBytes(effect.bytes) : "–")));
    return element("tbody", {class: "group"}, element("tr", {class: "head"},
      element("td", {}, element("span", {class: "swatch", style: `background: var(${faultStyle(data, fault)})`}),
        element("button", {type: "button", class: "link", onclick: go, "aria-label": `Show ${fault.name} on the time line`}, fault.name)),
      element("td", {}, element("code", {}, fault.kind), element("br"), fault.description),
      element("td", {class: "time"}, `${formatMoment(fault.start, 2)} – ${formatMoment(fault.end, 2)}`),
      element("td", {class: `number ${fault.had_effect ? "good" : "bad"}`, colspan: 3},
        element("span", {class: "pill"}, fault.had_effect ? "had an effect" : "no effect"))), rows);
  });
  return element("div", {class: "card flush"}, table([["Fault, host"], ["What, mechanism"], ["When"], ["Matched", "number"],
    ["Affected", "number"], ["Bytes", "number"]], bodies));
}

function factList(data) {
  const facts = data.facts.flatMap(([label, value]) => [element("dt", {}, label), element("dd", {}, value)]);
  const command = element("code", {}, data.replay);
  const copy = element("button", {type: "button", onclick: async () => {
    try {
      await navigator.clipboard.writeText(data.replay);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(command);
    }
  }}, "Copy");
  facts.push(element("dt", {}, "Run it again"), element("dd", {class: "copy"}, command, copy));
  return element("div", {class: "card"}, element("dl", {class: "facts"}, facts));
}

function fillPage() {
  const data = JSON.parse(document.getElementById("data").textContent);
  const body = (id) => document.querySelector(`#${id} > .body`);
  let timeline = null;
  verdictHeader(data);

  const examples = data.checks.filter((check) => check.counterexample);
  document.getElementById("counterexample").hidden = !examples.length;
  body("counterexample").append(...examples.map((check) => counterexampleCard(data, check, () => timeline)));

  for (const notice of data.notices) body("timeline").append(element("p", {class: "notice"}, notice));
  const host = element("div", {class: "card flush"});
  body("timeline").append(host);
  const recorded = data.operations || data.faults.length || data.lanes.length;
  if (recorded) timeline = new Timeline(host, data);
  else host.replaceWith(element("div", {class: "card"}, element("p", {}, "Nothing was recorded.")));

  body("checks").append(...(data.checks.length ? data.checks.map(checkCard) : [element("div", {class: "card"}, element("p", {}, "No check was run."))]));
  body("faults").append(faultTable(data, () => timeline));
  body("facts").append(factList(data));
  document.querySelector("main").append(element("footer", {}, `Made by fracas${data.version ? " " + data.version : ""}. Times count from the start of the warm-up.`));
}

fillPage();
