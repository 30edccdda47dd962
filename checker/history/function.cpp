#include "checker/history/function.h"

#include <algorithm>
#include <array>
#include <utility>

namespace fracas::checker {
namespace {

constexpr auto kFirstOwn = static_cast<std::size_t>(Function::kOwn);
constexpr std::size_t kOwnMax = 200;

// By the enumerators' order.
constexpr std::array<std::string_view, kFirstOwn> kNames{
    "read",       "write",   "cas",     "append",   "delete", "add",      "remove", "decrement",
    "enqueue",    "dequeue", "drain",   "push",     "pop",    "peek",     "length", "insert",
    "remove-min", "acquire", "release", "generate", "txn",    "transfer", "poll"};

constexpr std::array<std::pair<std::string_view, Function>, 12> kOtherSpellings{{
    {"r", Function::read},
    {"get", Function::read},
    {"read-all", Function::read},
    {"w", Function::write},
    {"put", Function::write},
    {"set", Function::write},
    {"increment", Function::add},
    {"inc", Function::add},
    {"send", Function::enqueue},
    {"recv", Function::dequeue},
    {"len", Function::length},
    {"size", Function::length},
}};

}  // namespace

Result<Function> Functions::intern(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<Function>(i);
  for (const auto& [spelling, function] : kOtherSpellings)
    if (spelling == name) return function;
  const auto found = std::find(own_.begin(), own_.end(), name);
  const auto index = static_cast<std::size_t>(found - own_.begin());
  if (found == own_.end()) {
    if (own_.size() == kOwnMax) return failure("the history names more than 200 functions");
    own_.emplace_back(name);
  }
  return static_cast<Function>(kFirstOwn + index);
}

std::string_view Functions::name(Function function) const {
  const auto index = static_cast<std::size_t>(function);
  return index < kFirstOwn ? kNames[index] : std::string_view(own_[index - kFirstOwn]);
}

}  // namespace fracas::checker
