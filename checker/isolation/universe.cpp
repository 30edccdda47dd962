#include "checker/isolation/universe.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>

#include "checker/explain/text.h"

namespace fracas::checker::isolation {
namespace {

class Reader {
 public:
  explicit Reader(const History& history) : history_(history) { universe_.transactions.history = &history; }

  Result<Universe> run() {
    for (std::uint32_t i = 0; i < history_.operations.size(); ++i) {
      const Operation& operation = history_.operations[i];
      auto added = add(operation, i);
      if (!added) return failure(std::move(added).error().context(fmt::format("event {}", operation.invoke + 1)));
    }
    if (!closed_ && !history_.operations.empty())
      return failure("nothing here is an init or a read by a predicate: rw-register judges such transactions");
    for (std::size_t k = 0; k < universe_.versions.size(); ++k) {
      auto& all = universe_.versions[k];
      if (!certain_[k]) all.insert(all.begin(), Version{VersionKind::unborn, {}, kNone, true, true});
      if (auto once = written_once(k); !once) return failure(std::move(once).error());
    }
    return std::move(universe_);
  }

 private:
  std::span<const Value> elements(Value value) const {
    const bool many = value.is(Value::Kind::list) || value.is(Value::Kind::map);
    return many ? history_.values.elements_of(value) : std::span<const Value>{};
  }
  std::string_view text(Value value) const {
    return value.is(Value::Kind::text) ? history_.values.text_of(value) : std::string_view{};
  }

  std::uint32_t key(Value value) {
    const auto [found, fresh] =
        ids_.try_emplace(key_text(history_, value), static_cast<std::uint32_t>(universe_.keys.size()));
    if (fresh) {
      universe_.keys.push_back(found->first);
      universe_.versions.emplace_back();
      universe_.failed.emplace_back();
      certain_.push_back(false);
    }
    return found->second;
  }

  Result<void> add(const Operation& operation, std::uint32_t index) {
    const std::string_view function = history_.functions.name(operation.function);
    const auto transaction = static_cast<std::uint32_t>(universe_.transactions.all.size());
    universe_.transactions.all.push_back({0, 0, index, operation.outcome});
    const Value value =
        operation.outcome == Outcome::ok && !operation.result.is_nil() ? operation.result : operation.argument;
    universe_.transactions.texts.push_back(history_.describe(value));
    if (function == "init") return add_init(operation, transaction);
    if (operation.function != Function::txn)
      return failure(fmt::format("{} is not a function of this model (init, txn)", function));
    if (!value.is(Value::Kind::list)) return failure("a transaction is a list of steps");
    for (const Value step : elements(value))
      if (auto added = add_step(elements(step), transaction, operation.outcome); !added) return added;
    return {};
  }

  Result<void> add_init(const Operation& operation, std::uint32_t transaction) {
    closed_ = true;
    if (!operation.argument.is(Value::Kind::map)) return failure("an init is a map from keys to values");
    const bool answered = operation.outcome == Outcome::ok && operation.result.is(Value::Kind::map);
    for (const Value all : {operation.argument, answered ? operation.result : Value{}}) {
      const auto pairs = elements(all);
      for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        const std::uint32_t k = key(pairs[i]);
        const Version version{VersionKind::value, pairs[i + 1], transaction, true, true};
        if (operation.outcome == Outcome::fail) {
          universe_.failed[k].push_back(version);
          continue;
        }
        if (all == operation.result) certain_[k] = true;
        put_initial(k, version);
      }
    }
    return {};
  }
  void put_initial(std::uint32_t k, const Version& version) {
    auto& all = universe_.versions[k];
    const bool there =
        std::any_of(all.begin(), all.end(), [&](const Version& v) { return v.initial && v.value == version.value; });
    if (!there) all.push_back(version);
  }

  Result<void> add_step(std::span<const Value> step, std::uint32_t transaction, Outcome outcome) {
    const std::string_view name = step.empty() ? std::string_view{} : text(step[0]);
    const bool answered = outcome == Outcome::ok;
    if (name == "rp" && step.size() >= 2) {
      closed_ = true;
      const auto predicate = predicate_of(step[1]);
      if (!predicate) return failure(predicate.error());
      const Value found = step.size() > 2 ? step[2] : Value{};
      if (answered) universe_.looks.push_back({transaction, kNone, {}, *predicate, found});
      for (std::size_t i = 0; i + 1 < elements(found).size(); i += 2) key(elements(found)[i]);
      return {};
    }
    if (step.size() < 2) return failure("a step of a transaction is not one of r, w, insert, delete and rp");
    const Value value = step.size() > 2 ? step[2] : Value{};
    const std::uint32_t k = key(step[1]);
    if (name == "r") {
      if (answered) universe_.looks.push_back({transaction, k, value, {}, {}});
      return {};
    }
    if (name != "w" && name != "insert" && name != "delete")
      return failure(fmt::format("\"{}\" is not one of r, w, insert, delete and rp", name));
    auto& all = outcome == Outcome::fail ? universe_.failed[k] : universe_.versions[k];
    if (!all.empty() && all.back().writer == transaction) all.back().last = false;
    all.push_back({name == "delete" ? VersionKind::deleted : VersionKind::value, name == "delete" ? Value{} : value,
                   transaction, false, true});
    return {};
  }

  Result<Predicate> predicate_of(Value value) const {
    const auto parts = elements(value);
    if (text(value) == "true" || value == Value::of(true)) return Predicate{};
    if (parts.size() == 2 && text(parts[0]) == "=") return Predicate{Predicate::Kind::equals, parts[1], 1, 0};
    const bool modulo = parts.size() == 3 && text(parts[0]) == "mod" && parts[1].is(Value::Kind::integer) &&
                        parts[2].is(Value::Kind::integer) && parts[1].integer() > 0;
    if (modulo) return Predicate{Predicate::Kind::modulo, {}, parts[1].integer(), parts[2].integer()};
    return failure(fmt::format("{} is not a predicate (true, [= value], [mod number rest])", history_.describe(value)));
  }

  Result<void> written_once(std::size_t k) const {
    std::set<Value> seen;
    for (const Version& version : universe_.versions[k]) {
      if (version.kind != VersionKind::value || seen.insert(version.value).second) continue;
      return failure(fmt::format("event {}: {} is written to {} a second time: every value must be written once",
                                 universe_.transactions.operation(version.writer).invoke + 1,
                                 history_.describe(version.value), universe_.keys[k]));
    }
    return {};
  }

  const History& history_;
  Universe universe_;
  std::unordered_map<std::string, std::uint32_t> ids_;
  bool closed_ = false;        // there was an init, or a read by a predicate
  std::vector<bool> certain_;  // by key: an init said that it is there
};

}  // namespace

bool Predicate::fits(const Version& version) const {
  if (version.kind != VersionKind::value) return false;
  if (kind == Kind::all) return true;
  if (kind == Kind::equals) return version.value == value;
  if (!version.value.is(Value::Kind::integer)) return false;
  const std::int64_t left = version.value.integer() % modulus;
  return (left < 0 ? left + modulus : left) == rest;
}

std::uint32_t Universe::find(std::uint32_t key, Value value) const {
  for (std::uint32_t i = 0; i < versions[key].size(); ++i)
    if (versions[key][i].kind == VersionKind::value && versions[key][i].value == value) return i;
  return kNone;
}

std::uint32_t Universe::key_of(std::string_view name) const {
  const auto found = std::find(keys.begin(), keys.end(), name);
  return found == keys.end() ? kNone : static_cast<std::uint32_t>(found - keys.begin());
}

std::string Universe::describe(std::uint32_t key, std::uint32_t version) const {
  const Version& it = versions[key][version];
  if (it.kind == VersionKind::value) return fmt::format("{} = {}", keys[key], transactions.history->describe(it.value));
  return fmt::format("{} {}", keys[key], it.kind == VersionKind::unborn ? "before anybody wrote it" : "deleted");
}

Result<Universe> read_universe(const History& history) {
  return Reader(history).run();
}

}  // namespace fracas::checker::isolation
