#pragma once
#include <string>

#include "lib/base/result.h"
#include "lib/model/toml_document.h"

// One experiment made of several files, by two keys at the top of a document:
//   extends = "base.toml"             everything of that file holds, except what this one says differently: tables are
//                                     merged key by key, values and lists replace
//   include = ["faults.toml", …]      the same, but [[fault]]s, [[check]]s and other lists of tables are added up:
//                                     first those of the files, in that order, then this one's
// Paths are relative to the file that names them. Places stay those of the file in which a thing stands.
namespace fracas::model {

// At most so many files behind one another.
inline constexpr int kLayersMax = 8;

// Reads a file of at most 1 MiB. ERRORS: "path: why".
Result<std::string> read_document(const std::string& path);

// Takes both keys out of `root`, which was read from `file`, and merges in what they name. ERRORS: "file:line:column:
// what": a key of another type, a file that cannot be read or parsed, one that leads back to itself.
Status merge_layers(TomlNode& root, const std::string& file);

}  // namespace fracas::model
