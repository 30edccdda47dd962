#pragma once
#include <optional>
#include <string>

namespace fracas::node {

// What one attempt at one node came to.
template <typename Reply>
struct Attempt {
  std::optional<Reply> reply{};  // nothing: no answer
  bool sent = false;             // a byte of the request may have left
  std::string reason{};          // why there is no answer
};

}  // namespace fracas::node
