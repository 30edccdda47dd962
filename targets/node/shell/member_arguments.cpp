#include "targets/node/shell/member_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "targets/node/wire/greeting.h"

namespace fracas::node {

Status check_member_name(const std::string& name) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; };
  if (!name.empty() && name.size() <= kNameBytesMax && std::all_of(name.begin(), name.end(), plain)) return {};
  return failure(fmt::format("\"{}\" is not a member's name: 1 to 64 letters, digits, \"-\", \"_\" or \".\"", name));
}

Result<std::pair<std::string, std::string>> split_peer(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return failure(fmt::format("--peer {}: write it like n2=10.0.0.2:7000", text));
  std::pair<std::string, std::string> peer{text.substr(0, equals), text.substr(equals + 1)};
  if (auto good = check_member_name(peer.first); !good) return failure(std::move(good).error().context("--peer"));
  return peer;
}

}  // namespace fracas::node
