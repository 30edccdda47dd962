#pragma once
#include <string>

namespace fracas::model {

// The vocabulary as a JSON Schema (draft 7), for editors that complete and check TOML: keys with their docs, kinds,
// units, ranges and defaults. Rules between keys are not in it; `fracas validate` knows them.
std::string experiment_json_schema();
// The same of the plans of game days.
std::string gameday_json_schema();

}  // namespace fracas::model
