#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include "lib/model/catalogue.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/field_docs.h"
#include "lib/model/field_rules.h"

namespace fracas::model {
namespace {

namespace pb = google::protobuf;

constexpr std::string_view kExperimentIntroduction =
    R"(An experiment is a TOML file. Durations (`"20ms"`, `"1m30s"`), rates (`"500/s"`, `"30/m"`) and sizes (`"64KiB"`,
`"10MB"`) are texts with a unit; shares are texts like `"5%"` or numbers from 0 to 1. Unknown keys, wrong units and values
out of range are errors before anything runs, one line each: `file:line:column: message`.

`--set path=value` sets a key on the command line before the file is checked: `--set workload.rate=100/s`,
`--set 'target.options.bugs=["stale-read"]'`, and, counted from 0, `--set fault.0.for=5s`. `${NAME}` inside a text stands
for the value of NAME in the table `[vars]`, else in the environment; `$${` stands for the characters `${`.

A file may be made of others, by paths relative to it. `extends = "base.toml"`: what this file does not say holds as that one
says it; lists, as of faults, are replaced. `include = ["faults.toml"]`: the same, but the lists of both hold, those of the
included file first. A table `[matrix]` makes one experiment for each combination of its values:
`"workload.rate" = ["100/s", "1000/s"]`; its paths are those of `--set`, which chooses one by `--set 'matrix.workload.rate=["100/s"]'`.
`fracas schema` prints a JSON Schema of all this for editors.

The phases and five seconds more, to set up and to tear down, must fit into `duration_max`.
)";

constexpr std::string_view kFaultsIntroduction =
    R"(Each `[[fault]]` of an experiment is one fault, of the kind its key `kind` says, and has the keys of every fault and
those of its kind. A fault that has no `name` is called after its kind, the second of a kind with `-2` behind it.

A fault starts `at` a time from the beginning of the fault phase, or from the start of the fault in `with`, or from the end
of the fault in `after`; of a fault that repeats, the first start and the first end count. It lasts `for` a time, or to the
end of the fault phase. With `every` it must have `for`, or, for process.kill, `restart_after`, and each occurrence ends
before the next starts. All first occurrences must fit into the fault phase.

Victims (`on`, and the other end in `to`) are joined by commas: `all` nodes, `one`, a `minority` or a `majority` of them, a
number, a share of the nodes rounded down, the `leader` or the `followers` when the fault starts, the `old-leader` that led before
that one, the `most-lagging` node of the Raft store, or host names: `n1`, `n2`, … for nodes and `x1`, `x2`, … for spares. A selection that can hit no host is an error. The shapes isolate and one-way of
net.partition need `on`, majority-minority may have it, and the others choose their hosts themselves.

process.kill and process.pause must not hit the same hosts at the same time.

Network faults that cover the same packet act on it in one order, whichever began first: net.partition, net.loss, net.dns,
net.corrupt, net.duplicate, net.bandwidth, net.delay, net.reorder; of two of one kind the one that was prepared first. What one
of them takes away the later ones neither see nor count. Delays add up; of two rates the lower one is felt. It is the same order
for packets that leave a host and for those that reach it; what one host does to a packet it sends comes before what another does when it arrives.
)";

constexpr std::string_view kGenerated =
    "<!-- Generated from lib/model/*.proto. Run the test binary `golden` with FRACAS_UPDATE_GOLDEN=1 to write it anew. "
    "-->\n\n";

// Bars would end a table's cell.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
  return text;
}

std::string capitalized(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string kind_part(const KindDoc& kind_doc) {
  std::string text = fmt::format("### {}\n\nIt {}.\n\n", kind_doc.kind, kind_doc.doc);
  if (kind_doc.section != Section::fault)
    text = fmt::format("### {}\n\n{}.\n\n", kind_doc.kind, capitalized(kind_doc.doc));
  if (!kind_doc.counters.empty()) text += fmt::format("It counts {}.\n\n", kind_doc.counters);
  text += field_table(kind_doc.fields);
  return text + "```toml\n" + kind_doc.example + "```\n\n";
}

std::string section_part(std::string_view title, std::string_view note, Section section) {
  std::string text = fmt::format("## {}\n\n{}\n\n", title, note);
  text += field_table(common_fields(section));
  for (const KindDoc& kind_doc : kinds(section)) text += kind_part(kind_doc);
  return text;
}

std::string table_part(std::string_view title, const pb::Descriptor& type) {
  return fmt::format("## {}\n\n", title) + field_table(fields_of(type));
}

std::string experiment_page() {
  std::string text = "# Experiments\n\n" + std::string(kGenerated) + std::string(kExperimentIntroduction) + "\n";
  text += table_part("The file", *Experiment::descriptor());
  text += table_part("[world]", *World::descriptor());
  text += section_part("[target]", "The key `kind` chooses; the table `options` holds the keys of the kind.",
                       Section::target);
  text += section_part("[workload]", "The key `kind` chooses; all keys stand in this table.", Section::workload);
  text += table_part("[phases]", *Phases::descriptor());
  text += "## [[fault]]\n\nSee [the faults](faults.md).\n\n";
  text += section_part("[[check]]", "The key `kind` chooses; all keys stand in this table.", Section::check);
  text += section_part("[[probe]]",
                       "The key `kind` chooses; all keys stand in this table. See [the language](../language.md).",
                       Section::probe);
  text += table_part("[safety]", *Safety::descriptor());
  text += table_part("[control]", *Control::descriptor());
  text.pop_back();
  return text;
}

std::string faults_page() {
  std::string text = "# Faults\n\n" + std::string(kGenerated) + std::string(kFaultsIntroduction) + "\n";
  text += "## Keys of every fault\n\n" + field_table(common_fields(Section::fault));
  text += "### every\n\n" + field_table(fields_of(*Recurrence::descriptor()));
  text += "### when\n\n" + field_table(fields_of(*Trigger::descriptor()));
  text += "### ramp\n\n" + field_table(fields_of(*Ramp::descriptor()));
  text += "### pulse\n\n" + field_table(fields_of(*Pulse::descriptor()));
  text += "## Kinds\n\n";
  for (const KindDoc& kind_doc : kinds(Section::fault)) text += kind_part(kind_doc);
  text.pop_back();
  return text;
}

}  // namespace

std::string field_table(const std::vector<FieldDoc>& docs) {
  if (docs.empty()) return "";
  std::string text = "| key | what it says | its value |\n|---|---|---|\n";
  for (const FieldDoc& doc : docs) {
    std::string what = doc.doc;
    for (const ValueDoc& value : doc.values) what += fmt::format("<br>`{}`: {}", value.name, value.doc);
    text += fmt::format("| `{}` | {} | {} |\n", doc.name, cell(what), cell(facts(doc)));
  }
  return text + "\n";
}

std::string reference_markdown(ReferencePage page) {
  return page == ReferencePage::experiment ? experiment_page() : faults_page();
}

}  // namespace fracas::model
