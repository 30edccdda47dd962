#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

// What there is to write in an experiment, told from the messages' descriptors: for `fracas faults`, `fracas explain`
// and docs/reference.
namespace fracas::model {

enum class Section { fault, workload, target, check, probe };

struct ValueDoc {
  std::string name;  // as written in TOML
  std::string doc;
};

struct FieldDoc {
  std::string name;  // the key
  std::string type;  // "duration", "rate", "share", "size", "text", "number", "yes or no", "choice", "table", "list of
                     // texts", …
  std::string doc;
  std::string min;  // as written in TOML; empty = no bound; of texts and lists the length
  std::string max;
  std::string default_value;  // empty = none
  std::string example;        // as written in TOML; may be empty
  bool required = false;
  bool ramp = false;             // of a fault: a ramp may change it
  std::vector<ValueDoc> values;  // of a choice
};

struct KindDoc {
  Section section = Section::fault;
  std::string kind;      // "net.delay"
  std::string doc;       // one line
  std::string counters;  // of faults: what the effect counters count
  std::string example;   // a complete piece of TOML
  std::vector<FieldDoc> fields;
};

// All kinds of a section, in the order of the model.
std::vector<KindDoc> kinds(Section section);
// The keys that every kind of a section has: `at`, `for`, `on`, … of faults.
std::vector<FieldDoc> common_fields(Section section);

// Everything called `kind`, as text for a terminal; "raft" is both a target and a check and gives both.
// ERRORS: no such kind, with a suggestion.
Result<std::string> explain(std::string_view kind);

// A page of docs/reference as Markdown, generated whole.
enum class ReferencePage { experiment, faults };
std::string reference_markdown(ReferencePage page);

}  // namespace fracas::model
