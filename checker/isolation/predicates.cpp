#include "checker/isolation/predicates.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "checker/isolation/analysis.h"
#include "checker/isolation/universe.h"

namespace fracas::checker::isolation {
namespace {

// Why one transaction comes before another: what they did to a key.
struct Reason {
  Dependency dependency = Dependency::ww;
  bool predicate = false;  // the read was one by a predicate that did not return the key
  std::uint32_t key = 0;
  std::uint32_t earlier = kNone, later = kNone;  // versions
};

class Dependencies {
 public:
  Dependencies(const Universe& universe, Sightings& sightings)
      : universe_(universe),
        sightings_(sightings),
        items_(static_cast<std::uint32_t>(universe.transactions.all.size())),
        all_(static_cast<std::uint32_t>(universe.transactions.all.size())) {
    for (std::uint32_t key = 0; key < universe.keys.size(); ++key) order_versions(key);
    for (const Look& look : universe.looks)
      if (look.key != kNone)
        read_one(look);
      else
        read_many(look);
    any_ = all_.any();
    for (Graph* graph : {&items_, &all_}) {
      add_session_order(universe.transactions, *graph);
      add_real_time_order(universe.transactions, *graph);
      graph->finish();
    }
  }

  bool any() const { return any_; }
  const Graph& items() const { return items_; }  // without the anti-dependencies of predicates
  const Graph& all() const { return all_; }

  std::string explain(const CycleStep& step, std::uint32_t to, std::string_view from_name,
                      std::string_view to_name) const {
    const auto found = reasons_.find({step.transaction, to});
    if (found == reasons_.end()) return {};
    const auto reason = std::find_if(found->second.begin(), found->second.end(),
                                     [&](const Reason& r) { return r.dependency == step.dependency; });
    if (reason == found->second.end()) return {};
    const std::string earlier = universe_.describe(reason->key, reason->earlier);
    const char* by = reason->predicate ? "'s read by a predicate can only have met " : " read ";
    if (reason->dependency == Dependency::wr)
      return fmt::format("{}{}{}, which {} left", to_name, by, earlier, from_name);
    if (reason->later == reason->earlier)
      return fmt::format("{} does not show {}, which {} left and nothing could hide", from_name, earlier, to_name);
    const std::string later = universe_.describe(reason->key, reason->later);
    if (reason->dependency == Dependency::ww)
      return fmt::format("{} replaced {} of {} by {}", to_name, earlier, from_name, later);
    return fmt::format("{}{}{}, which {} replaced by {}{}", from_name, by, earlier, to_name, later,
                       reason->predicate ? ", and that fits the predicate otherwise" : "");
  }

 private:
  const Version& version(std::uint32_t key, std::uint32_t index) const { return universe_.versions[key][index]; }

  void add(std::uint32_t from, std::uint32_t to, const Reason& reason) {
    if (from == kNone || to == kNone || from == to) return;
    all_.add(from, to, reason.dependency);
    if (!reason.predicate || reason.dependency != Dependency::rw) items_.add(from, to, reason.dependency);
    auto& known = reasons_[{from, to}];
    const bool there =
        std::any_of(known.begin(), known.end(), [&](const Reason& r) { return r.dependency == reason.dependency; });
    if (!there) known.push_back(reason);
  }

  // Does the second version come after the first, for all that is known?
  bool is_later(std::uint32_t key, std::uint32_t first, std::uint32_t second) const {
    const Version &a = version(key, first), &b = version(key, second);
    if (a.kind == VersionKind::unborn) return second != first;
    return a.initial && !b.initial;
  }

  void order_versions(std::uint32_t key) {
    for (std::uint32_t a = 0; a < universe_.versions[key].size(); ++a)
      for (std::uint32_t b = 0; version(key, a).initial && b < universe_.versions[key].size(); ++b)
        if (is_later(key, a, b) && version(key, b).last)
          add(version(key, a).writer, version(key, b).writer, {Dependency::ww, false, key, a, b});
  }

  // The transaction met this version. `predicate`: without being given it.
  void meet(std::uint32_t transaction, std::uint32_t key, std::uint32_t met, const Predicate* predicate) {
    const bool hidden = predicate != nullptr;
    add(version(key, met).writer, transaction, {Dependency::wr, hidden, key, met, kNone});
    for (std::uint32_t later = 0; later < universe_.versions[key].size(); ++later) {
      const Version& next = version(key, later);
      if (!is_later(key, met, later) || !next.last) continue;
      if (hidden && predicate->fits(version(key, met)) == predicate->fits(next)) continue;
      add(transaction, next.writer, {Dependency::rw, hidden, key, met, later});
    }
  }

  bool wrote(std::uint32_t transaction, std::uint32_t key) const {
    const auto& all = universe_.versions[key];
    return std::any_of(all.begin(), all.end(), [&](const Version& v) { return v.writer == transaction && !v.initial; });
  }

  // A value that no version has.
  void see_unknown(std::uint32_t transaction, std::uint32_t key, Value value) {
    const auto& failed = universe_.failed[key];
    const auto aborted = std::find_if(failed.begin(), failed.end(), [&](const Version& v) { return v.value == value; });
    const auto what = fmt::format("{} = {}", universe_.keys[key], universe_.transactions.history->describe(value));
    if (aborted != failed.end())
      sightings_.add(AnomalyKind::g1a, [&] {
        return Sighting{AnomalyKind::g1a,
                        fmt::format("{{0}} read {}, which {{1}} wrote, and that failed", what),
                        {transaction, aborted->writer}};
      });
    else
      sightings_.add(AnomalyKind::garbage_read, [&] {
        return Sighting{
            AnomalyKind::garbage_read, fmt::format("{{0}} read {}, which nobody wrote", what), {transaction}};
      });
  }

  void see(std::uint32_t transaction, std::uint32_t key, Value value) {
    const std::uint32_t met = universe_.find(key, value);
    if (met == kNone) return see_unknown(transaction, key, value);
    if (!version(key, met).last && version(key, met).writer != transaction)
      sightings_.add(AnomalyKind::g1b, [&] {
        return Sighting{AnomalyKind::g1b,
                        fmt::format("{{0}} read {}, which {{1}} itself replaced", universe_.describe(key, met)),
                        {transaction, version(key, met).writer}};
      });
    meet(transaction, key, met, nullptr);
  }

  void read_one(const Look& look) {
    if (!look.value.is_nil()) return see(look.transaction, look.key, look.value);
    if (wrote(look.transaction, look.key)) return;
    if (const auto absent = only(look.key, [](const Version& v) { return v.kind != VersionKind::value; }))
      return meet(look.transaction, look.key, *absent, nullptr);
    const auto& all = universe_.versions[look.key];
    const bool may_be_absent =
        std::any_of(all.begin(), all.end(), [](const Version& v) { return v.kind != VersionKind::value; });
    if (!may_be_absent) miss(look.transaction, look.key, false);
  }

  // The one version that the condition holds of; nothing where there are none or several.
  template <typename Condition>
  std::optional<std::uint32_t> only(std::uint32_t key, const Condition& condition) const {
    std::optional<std::uint32_t> found;
    for (std::uint32_t i = 0; i < universe_.versions[key].size(); ++i) {
      if (!condition(version(key, i))) continue;
      if (found) return std::nullopt;
      found = i;
    }
    return found;
  }

  void read_many(const Look& look) {
    std::vector<bool> returned(universe_.keys.size());
    const auto pairs =
        look.found.is_nil() ? std::span<const Value>{} : universe_.transactions.history->values.elements_of(look.found);
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
      const std::uint32_t key = universe_.key_of(key_name(pairs[i]));
      returned[key] = true;
      see(look.transaction, key, pairs[i + 1]);
    }
    for (std::uint32_t key = 0; key < returned.size(); ++key)
      if (!returned[key]) not_returned(look, key);
  }
  std::string key_name(Value key) const {
    const History& history = *universe_.transactions.history;
    return key.is(Value::Kind::text) ? std::string(history.values.text_of(key)) : history.describe(key);
  }

  void not_returned(const Look& look, std::uint32_t key) {
    const auto& all = universe_.versions[key];
    if (all.empty()) return;
    if (std::all_of(all.begin(), all.end(), [&](const Version& v) { return look.predicate.fits(v); }))
      return miss(look.transaction, key, true);
    if (const auto met = only(key, [&](const Version& v) { return !look.predicate.fits(v); }))
      meet(look.transaction, key, *met, &look.predicate);
  }

  // It lacks a key that was there all the time: it can only have met the time before the init.
  void miss(std::uint32_t transaction, std::uint32_t key, bool predicate) {
    if (predicate)
      sightings_.add(AnomalyKind::predicate_miss, [&] {
        return Sighting{
            AnomalyKind::predicate_miss,
            fmt::format("{{0}} read by a predicate that every version of {} fits, and lacks it", universe_.keys[key]),
            {transaction}};
      });
    for (std::uint32_t i = 0; i < universe_.versions[key].size(); ++i)
      add(transaction, version(key, i).writer, {Dependency::rw, predicate, key, i, i});
  }

  const Universe& universe_;
  Sightings& sightings_;
  Graph items_, all_;
  bool any_ = false;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<Reason>> reasons_;
};

}  // namespace

Result<CheckResult> check_closed_predicate(const History& history, const Request& request) {
  const auto universe = read_universe(history);
  if (!universe) return failure(universe.error());
  Sightings sightings;
  const Dependencies dependencies(*universe, sightings);
  Findings findings{sightings, find_cycles(dependencies.items()), {}, {}, false, find_cycles(dependencies.all())};
  const ExplainEdge explain = [&](const CycleStep& step, std::uint32_t to, const std::string& from_name,
                                  const std::string& to_name) {
    return dependencies.explain(step, to, from_name, to_name);
  };
  Analysis analysis = analyse(universe->transactions, findings, explain);
  analysis.edges = dependencies.all().edges();
  analysis.empty = !dependencies.any() && sightings.counts().empty();
  const bool strongest = request.level == "strong-serializable";
  const std::string_view level = strongest ? "strict-serializable" : std::string_view(request.level);
  CheckResult result = report(universe->transactions, analysis, request, level, {});
  result.kind = "closed-predicate";
  result.numbers["keys"] = static_cast<double>(universe->keys.size());
  return result;
}

const ModelKind kClosedPredicate{
    "closed-predicate",
    "keys written at most once after an init, read by predicates too: txn of [w key value], [insert key value], "
    "[delete key], [r key value] and [rp predicate map]",
    {"strict-serializable", "strong-serializable", "strong-session-serializable", "serializable",
     "strong-snapshot-isolation", "strong-session-snapshot-isolation", "snapshot-isolation", "repeatable-read",
     "consistent-view", "read-committed", "read-uncommitted"},
    {},
    check_closed_predicate};

}  // namespace fracas::checker::isolation
