#pragma once
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/toml_document.h"

// One file that stands for many experiments:
//   [matrix]
//   "world.nodes" = [3, 5]
//   "workload.rate" = ["100/s", "1000/s"]
// Each combination of values is one variant; a path is written as for --set, and leads to keys or to [vars].
namespace fracas::model {

// At most so many variants of one file.
inline constexpr std::size_t kVariantsMax = 1000;

struct Variant {
  std::string suffix;  // "-nodes-3-rate-100-s": for the experiment's name; empty without a matrix
  TomlNode root;
};

// Takes [matrix] out of a document. The first path varies slowest. ERRORS: "place: what": a path that leads nowhere, a
// value that is no list, an empty one, too many variants.
Result<std::vector<Variant>> expand_matrix(TomlNode root);

}  // namespace fracas::model
