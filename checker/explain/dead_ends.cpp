#include "checker/explain/dead_ends.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <unordered_set>

#include "checker/explain/text.h"

namespace fracas::checker {
namespace {

constexpr std::size_t kCallsMax = 64;
constexpr std::size_t kConfigurationsMax = 100'000;
constexpr std::size_t kShownMax = 3;

struct Configuration {
  std::uint64_t placed = 0;  // a bit for each call
  State start = 0;
  State state = 0;
  std::size_t parent = 0;
  std::uint32_t call = 0;  // that led here from the parent
};

class Orders {
 public:
  explicit Orders(const StuckProblem& stuck) : stuck_(stuck), problem_(*stuck.problem), calls_(problem_.calls) {
    for (std::size_t i = 0; i < calls_.size(); ++i)
      if (calls_[i].required) required_ |= std::uint64_t{1} << i;
  }

  std::vector<DeadEnd> find() {
    for (const State start : problem_.starts) add({0, start, start, 0, 0});
    for (std::size_t at = 0; at < found_.size(); ++at) {
      if (found_.size() > kConfigurationsMax) return {};
      for (std::uint32_t call = 0; call < calls_.size(); ++call) extend(at, call);
    }
    return longest();
  }

 private:
  struct Hash {
    std::size_t operator()(const Configuration& c) const noexcept {
      return (c.placed * 0x9E3779B97F4A7C15U) ^ ((std::uint64_t{c.state} << 32U | c.start) * 0xBF58476D1CE4E5B9U);
    }
  };
  struct Same {
    bool operator()(const Configuration& a, const Configuration& b) const {
      return a.placed == b.placed && a.state == b.state && a.start == b.start;
    }
  };

  void add(const Configuration& configuration) {
    if (seen_.insert(configuration).second) found_.push_back(configuration);
  }

  // Whether no call that is still missing had returned when this one was invoked.
  bool may_be_next(const Configuration& from, std::uint32_t call) const {
    if ((from.placed >> call & 1U) != 0) return false;
    for (std::size_t i = 0; i < calls_.size(); ++i)
      if ((from.placed >> i & 1U) == 0 && calls_[i].required && calls_[i].return_ns < calls_[call].invoke_ns)
        return false;
    return true;
  }

  void extend(std::size_t at, std::uint32_t call) {
    const Configuration from = found_[at];
    if (!may_be_next(from, call)) return;
    const auto to = problem_.step(calls_[call], from.state);
    if (!to) return;
    add({from.placed | std::uint64_t{1} << call, from.start, *to, at, call});
  }

  // Configurations with the most required calls, and of these those with the fewest others.
  std::vector<DeadEnd> longest() const {
    const auto rank = [&](const Configuration& c) {
      return 100 * std::popcount(c.placed & required_) - std::popcount(c.placed & ~required_);
    };
    int best = -1000;
    for (const Configuration& each : found_) best = std::max(best, rank(each));
    if (best >= 100 * std::popcount(required_) - static_cast<int>(calls_.size())) return {};  // nothing is stuck
    std::vector<DeadEnd> ends;
    std::unordered_set<std::uint64_t> sets;
    for (std::size_t at = 0; at < found_.size() && ends.size() < kShownMax; ++at)
      if (rank(found_[at]) == best && sets.insert(found_[at].placed).second) ends.push_back(describe(at));
    return ends;
  }

  DeadEnd describe(std::size_t at) const {
    const Configuration end = found_[at];
    std::vector<std::uint32_t> order;
    std::vector<State> states;
    for (std::size_t i = at; found_[i].placed != 0; i = found_[i].parent) {
      order.insert(order.begin(), found_[i].call);
      states.insert(states.begin(), found_[i].state);
    }
    DeadEnd result;
    result.start = stuck_.describe(end.start, {}, end.start);
    for (std::size_t i = 0; i < order.size(); ++i)
      result.order.push_back(
          {stuck_.shown[order[i]], stuck_.describe(end.start, std::span(order).first(i + 1), states[i])});
    const std::string holds = stuck_.describe(end.start, order, end.state);
    for (std::uint32_t call = 0; call < calls_.size(); ++call)
      if (calls_[call].required && may_be_next(end, call))
        result.refusals.push_back({stuck_.shown[call], holds.empty() ? std::string("does not fit what is held then")
                                                                     : fmt::format("does not fit: {} is held", holds)});
    return result;
  }

  const StuckProblem& stuck_;
  const Problem& problem_;
  const LargeVector<Call>& calls_;
  std::uint64_t required_ = 0;
  std::vector<Configuration> found_;
  std::unordered_set<Configuration, Hash, Same> seen_;
};

}  // namespace

std::vector<DeadEnd> find_dead_ends(const StuckProblem& stuck) {
  if (stuck.problem->calls.size() > kCallsMax) return {};
  return Orders(stuck).find();
}

std::vector<std::string> render_dead_ends(const Counterexample& example) {
  std::vector<std::string> lines;
  const auto who = [&](std::size_t operation) {
    const ShownOperation& each = example.operations[operation];
    return fmt::format("{}'s {}", each.client, describe_operation(each));
  };
  for (const DeadEnd& end : example.dead_ends) {
    std::string line = end.start.empty() ? std::string() : fmt::format("at first {}", end.start);
    for (std::size_t i = 0; i < end.order.size(); ++i)
      line += fmt::format("{}{} {}{}", line.empty() ? "" : ", ", i + 1, who(end.order[i].operation),
                          end.order[i].holds.empty() ? "" : fmt::format(" (holds {})", end.order[i].holds));
    const std::size_t all = example.operations.size();
    lines.push_back(fmt::format("{}order takes {} of the {} operations: {}",
                                lines.empty() ? "the longest " : "another ", end.order.size(), all, line));
    for (const DeadEnd::Refusal& refusal : end.refusals)
      lines.push_back(fmt::format("then {} {}", who(refusal.operation), refusal.why));
  }
  return lines;
}

}  // namespace fracas::checker
