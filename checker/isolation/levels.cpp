#include "checker/isolation/levels.h"

#include <algorithm>
#include <array>

namespace fracas::checker::isolation {
namespace {

using Kinds = std::uint32_t;
constexpr Kinds of(AnomalyKind kind) {
  return 1U << static_cast<unsigned>(kind);
}
using Cycles = std::uint8_t;
constexpr Cycles of(CycleKind kind) {
  return static_cast<Cycles>(1U << static_cast<unsigned>(kind));
}

struct Level {
  std::string_view name;
  std::array<std::string_view, 4> weaker;  // the next weaker ones
  Kinds kinds = 0;                         // ruled out here and not yet by a weaker one
  Cycles cycles = 0;                       // with no more than `order`
  Order order = Order::none;
};

constexpr Cycles kG1 = of(CycleKind::g0) | of(CycleKind::g1c);
constexpr Cycles kSingle = kG1 | of(CycleKind::g_single);
constexpr Cycles kSnapshot = kSingle | of(CycleKind::g_prefix) | of(CycleKind::g_nonadjacent);
constexpr Cycles kSerial = kSnapshot | of(CycleKind::g2);
constexpr Kinds kUnordered =
    of(AnomalyKind::duplicate_elements) | of(AnomalyKind::cyclic_versions) | of(AnomalyKind::garbage_read);
constexpr Kinds kUncommitted = of(AnomalyKind::g1a) | of(AnomalyKind::g1b) | of(AnomalyKind::dirty_update) |
                               of(AnomalyKind::future_read) | of(AnomalyKind::incompatible_order);
constexpr Kinds kCursor = of(AnomalyKind::lost_update) | of(AnomalyKind::g_cursor);

// From weak to strong.
constexpr std::array kLevels{
    Level{"read-uncommitted", {}, kUnordered, of(CycleKind::g0), Order::none},
    Level{"strong-session-read-uncommitted", {"read-uncommitted"}, 0, of(CycleKind::g0), Order::process},
    Level{"strong-read-uncommitted", {"strong-session-read-uncommitted"}, 0, of(CycleKind::g0), Order::realtime},
    Level{"read-committed", {"read-uncommitted"}, kUncommitted, kG1, Order::none},
    Level{
        "strong-session-read-committed", {"read-committed", "strong-session-read-uncommitted"}, 0, kG1, Order::process},
    Level{
        "strong-read-committed", {"strong-session-read-committed", "strong-read-uncommitted"}, 0, kG1, Order::realtime},
    Level{"monotonic-atomic-view", {"read-committed"}, of(AnomalyKind::monotonic_view), 0, Order::none},
    Level{"strong-session-monotonic-atomic-view",
          {"monotonic-atomic-view", "strong-session-read-committed"},
          of(AnomalyKind::monotonic_view),
          0,
          Order::process},
    Level{"item-cut-isolation", {"read-committed"}, of(AnomalyKind::internal), 0, Order::none},
    Level{"strong-session-item-cut-isolation",
          {"item-cut-isolation", "strong-session-monotonic-atomic-view"},
          0,
          0,
          Order::process},
    Level{"read-atomic", {"monotonic-atomic-view", "item-cut-isolation"}, of(AnomalyKind::atomic_view), 0, Order::none},
    Level{"strong-session-read-atomic",
          {"read-atomic", "strong-session-item-cut-isolation"},
          of(AnomalyKind::atomic_view),
          0,
          Order::process},
    Level{"causal", {"strong-session-read-atomic"}, of(AnomalyKind::causal_view), 0, Order::process},
    Level{"cursor-stability", {"read-committed"}, kCursor, 0, Order::none},
    Level{"consistent-view", {"cursor-stability"}, 0, kSingle, Order::none},
    Level{"repeatable-read", {"cursor-stability", "item-cut-isolation"}, 0, kSerial, Order::none},
    Level{"prefix", {"read-atomic"}, of(AnomalyKind::long_fork), kG1 | of(CycleKind::g_prefix), Order::none},
    Level{"strong-session-prefix", {"prefix", "causal"}, 0, kG1 | of(CycleKind::g_prefix), Order::process},
    Level{"parallel-snapshot-isolation", {"consistent-view", "read-atomic"}, 0, 0, Order::none},
    Level{"strong-session-parallel-snapshot-isolation",
          {"parallel-snapshot-isolation", "causal"},
          0,
          kSingle,
          Order::process},
    Level{"snapshot-isolation", {"parallel-snapshot-isolation", "prefix"}, 0, kSnapshot, Order::none},
    Level{"strong-session-snapshot-isolation",
          {"snapshot-isolation", "strong-session-prefix", "strong-session-parallel-snapshot-isolation"},
          0,
          kSnapshot,
          Order::process},
    Level{"strong-snapshot-isolation",
          {"strong-session-snapshot-isolation", "strong-read-committed"},
          0,
          kSnapshot,
          Order::realtime},
    Level{"serializable",
          {"snapshot-isolation", "repeatable-read"},
          of(AnomalyKind::predicate_miss) | of(AnomalyKind::no_serial_order),
          kSerial,
          Order::none},
    Level{"strong-session-serializable",
          {"serializable", "strong-session-snapshot-isolation"},
          of(AnomalyKind::no_serial_order),
          kSerial,
          Order::process},
    Level{"strict-serializable",
          {"strong-session-serializable", "strong-snapshot-isolation"},
          of(AnomalyKind::no_serial_order),
          kSerial,
          Order::realtime},
};

constexpr std::array<std::string_view, kLevels.size() + 1> kNames = [] {
  std::array<std::string_view, kLevels.size() + 1> names{};
  for (std::size_t i = 0; i < kLevels.size(); ++i) names[i] = kLevels[kLevels.size() - 1 - i].name;
  names[kLevels.size()] = "strong-serializable";
  return names;
}();

std::size_t index_of(std::string_view name) {
  if (name == "strong-serializable") name = "strict-serializable";
  return static_cast<std::size_t>(
      std::find_if(kLevels.begin(), kLevels.end(), [&](const Level& level) { return level.name == name; }) -
      kLevels.begin());
}

bool here(const Anomaly& anomaly, const Level& level) {
  if (anomaly.predicate && level.name == "repeatable-read") return false;  // that knows of single keys only
  const bool kind = anomaly.kind == AnomalyKind::cycle ? (level.cycles & of(anomaly.cycle)) != 0
                                                       : (level.kinds & of(anomaly.kind)) != 0;
  return kind && anomaly.order <= level.order;
}

std::array<bool, kLevels.size()> broken_by(const Anomaly& anomaly) {
  std::array<bool, kLevels.size()> broken{};
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    broken[i] = here(anomaly, kLevels[i]);
    for (const std::string_view weaker : kLevels[i].weaker)
      if (!weaker.empty() && broken[index_of(weaker)]) broken[i] = true;
  }
  return broken;
}

using LevelSet = std::array<bool, kLevels.size()>;

// By level, the levels that it is stronger than. Indexes are in weak-to-strong order, so a stronger level comes later.
const std::array<LevelSet, kLevels.size()> kWeaker = [] {
  std::array<LevelSet, kLevels.size()> sets{};
  for (std::size_t level = 0; level < kLevels.size(); ++level)
    for (const std::string_view weaker : kLevels[level].weaker) {
      if (weaker.empty()) continue;
      const std::size_t other = index_of(weaker);
      sets[level][other] = true;
      for (std::size_t i = 0; i < other; ++i) sets[level][i] = sets[level][i] || sets[other][i];
    }
  return sets;
}();

bool is_stronger(std::size_t level, std::size_t than) {
  return kWeaker[level][than];
}

constexpr std::array<std::string_view, 17> kAnomalies{"internal",
                                                      "duplicate-elements",
                                                      "cyclic-versions",
                                                      "incompatible-order",
                                                      "garbage-read",
                                                      "future-read",
                                                      "dirty-update",
                                                      "G1a",
                                                      "G1b",
                                                      "lost-update",
                                                      "G-cursor",
                                                      "long-fork",
                                                      "non-monotonic-read",
                                                      "fractured-read",
                                                      "causality",
                                                      "predicate-read-miss",
                                                      "no-serial-order"};
constexpr std::array<std::string_view, kCycleKinds> kCycles{
    "G0", "G1c", "G-single-item", "G-prefix", "G-nonadjacent-item", "G2-item"};
constexpr std::array<std::string_view, kCycleKinds> kPredicateCycles{"G0",       "G1c",           "G-single",
                                                                     "G-prefix", "G-nonadjacent", "G2"};
constexpr std::array<std::string_view, kOrders> kOrderNames{"", "-process", "-realtime"};

}  // namespace

std::string name(const Anomaly& anomaly) {
  const auto& cycles = anomaly.predicate ? kPredicateCycles : kCycles;
  const std::string_view kind = anomaly.kind == AnomalyKind::cycle ? cycles[static_cast<std::size_t>(anomaly.cycle)]
                                                                   : kAnomalies[static_cast<std::size_t>(anomaly.kind)];
  if (anomaly.kind == AnomalyKind::causal_view) return std::string(kind);
  return std::string(kind) + std::string(kOrderNames[static_cast<std::size_t>(anomaly.order)]);
}

std::span<const std::string_view> level_names() {
  return kNames;
}

bool rules_out(const Anomaly& anomaly, std::string_view level) {
  return broken_by(anomaly)[index_of(level)];
}

LevelAnswer judge_levels(std::span<const Anomaly> anomalies, std::string_view up_to) {
  std::array<bool, kLevels.size()> broken{};
  for (const Anomaly& anomaly : anomalies) {
    const auto by = broken_by(anomaly);
    for (std::size_t i = 0; i < broken.size(); ++i) broken[i] = broken[i] || by[i];
  }
  const auto counts = [&](std::size_t i) {
    return up_to.empty() || kLevels[i].name == up_to || is_stronger(index_of(up_to), i);
  };
  LevelAnswer answer;
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    if (!counts(i)) continue;
    bool extreme = true;
    for (std::size_t j = 0; j < kLevels.size(); ++j)
      if (counts(j) && broken[i] == broken[j] && (broken[i] ? is_stronger(i, j) : is_stronger(j, i))) extreme = false;
    if (broken[i]) answer.broken.emplace_back(kLevels[i].name);
    if (extreme) (broken[i] ? answer.fails : answer.holds).emplace_back(kLevels[i].name);
  }
  return answer;
}

std::string_view with_sessions(std::string_view level) {
  if (level == "read-committed") return "strong-session-monotonic-atomic-view";
  if (level == "repeatable-read") return "strong-session-item-cut-isolation";
  const auto found = std::find_if(kLevels.begin(), kLevels.end(), [&](const Level& each) {
    return each.name.starts_with("strong-session-") && each.name.substr(15) == level;
  });
  return found == kLevels.end() ? level : found->name;
}

bool is_view_level(std::string_view level) {
  return level == "causal" || level.ends_with("read-atomic") || level.ends_with("item-cut-isolation") ||
         level.ends_with("monotonic-atomic-view");
}

}  // namespace fracas::checker::isolation
