#include "checker/explain/minimize_lists.h"

#include <algorithm>
#include <functional>

#include "checker/linearizability/search.h"
#include "checker/models/problem.h"

namespace fracas::checker {
namespace {

constexpr std::uint64_t kProbeConfigurations = 20'000;
constexpr std::uint64_t kEffort = 2'000'000;  // configurations and operations of all probes together

class Shrinker {
 public:
  Shrinker(const History& history, std::span<const std::uint32_t> key) : history_(history) {
    for (const std::uint32_t index : key)
      if (operation(index).outcome != Outcome::fail) kept_.push_back(index);
  }

  std::vector<std::uint32_t> run() {
    if (!impossible(kept_)) return kept_;
    drop_each([&](std::uint32_t index) { return operation(index).function == Function::read; });
    drop_each([&](std::uint32_t index) { return !is_seen(index); });
    return kept_;
  }

 private:
  const Operation& operation(std::uint32_t index) const { return history_.operations[index]; }

  bool impossible(std::span<const std::uint32_t> some) {
    const auto problem = compile_lists(history_, some);
    if (!problem) return false;
    const Finding finding = search(*problem, {.configurations_per_key = kProbeConfigurations});
    effort_ += finding.explored + some.size();
    return finding.linearizable == Linearizable::no;
  }

  // Whether it is a read, or an append of an element that a read has seen.
  bool is_seen(std::uint32_t index) const {
    if (operation(index).function == Function::read) return true;
    return std::any_of(kept_.begin(), kept_.end(), [&](std::uint32_t other) {
      const Operation& read = operation(other);
      if (read.function != Function::read || !read.result.is(Value::Kind::list)) return false;
      const auto list = history_.values.elements_of(read.result);
      return std::find(list.begin(), list.end(), operation(index).argument) != list.end();
    });
  }

  void drop_each(const std::function<bool(std::uint32_t)>& may_go) {
    for (std::size_t i = kept_.size(); i-- > 0 && effort_ < kEffort;) {
      if (!may_go(kept_[i])) continue;
      std::vector<std::uint32_t> fewer = kept_;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      if (impossible(fewer)) kept_ = std::move(fewer);
    }
  }

  const History& history_;
  std::vector<std::uint32_t> kept_;
  std::uint64_t effort_ = 0;
};

}  // namespace

std::vector<std::uint32_t> minimize_lists(const History& history, std::span<const std::uint32_t> key) {
  return Shrinker(history, key).run();
}

}  // namespace fracas::checker
