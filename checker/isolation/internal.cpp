#include <fmt/format.h>

#include <algorithm>

#include "checker/isolation/dependencies.h"

namespace fracas::checker::isolation {
namespace {

// What the read must return, after the transaction's own steps on the key before it.
class Expectation {
 public:
  Expectation(const Transactions& transactions, std::span<const Micro> before, std::uint32_t key)
      : transactions_(transactions) {
    for (const Micro& micro : before) {
      if (micro.key != key) continue;
      any_ = true;
      if (transactions.dialect == Dialect::registers) {
        whole_ = known_ = micro.known;
        elements_.assign(1, micro.value);
      } else if (micro.write) {
        elements_.push_back(micro.value);
      } else if (micro.known) {
        const auto list = list_of(micro.value);
        elements_.assign(list.begin(), list.end());
        whole_ = true;
      }
    }
  }

  bool met(const Micro& read) const {
    if (!any_) return true;
    if (transactions_.dialect == Dialect::registers) return !known_ || elements_[0] == read.value;
    const auto list = list_of(read.value);
    if (whole_) return std::equal(list.begin(), list.end(), elements_.begin(), elements_.end());
    return list.size() >= elements_.size() &&
           std::equal(elements_.begin(), elements_.end(), list.end() - static_cast<std::ptrdiff_t>(elements_.size()));
  }

  std::string describe() const {
    const History& history = *transactions_.history;
    if (transactions_.dialect == Dialect::registers) return history.describe(elements_[0]);
    std::string text = whole_ ? "[" : "[…";
    for (std::size_t i = 0; i < elements_.size(); ++i)
      text += (i == 0 && whole_ ? "" : " ") + history.describe(elements_[i]);
    return text + "]";
  }

 private:
  std::span<const Value> list_of(Value value) const {
    return value.is_nil() ? std::span<const Value>{} : transactions_.history->values.elements_of(value);
  }

  const Transactions& transactions_;
  std::vector<Value> elements_;
  bool any_ = false, whole_ = false, known_ = true;
};

}  // namespace

bool writes_key(const Transactions& transactions, std::uint32_t transaction, std::uint32_t key) {
  const auto micros = transactions.of(transaction);
  return std::any_of(micros.begin(), micros.end(), [&](const Micro& m) { return m.write && m.key == key; });
}

void find_internal(const Transactions& transactions, Sightings& sightings) {
  std::vector<std::uint32_t> touched(transactions.keys.size(), kNone);  // by key: the last transaction
  for (std::uint32_t t = 0; t < transactions.all.size(); ++t) {
    if (transactions.all[t].outcome != Outcome::ok) continue;
    const auto micros = transactions.of(t);
    for (std::size_t i = 0; i < micros.size(); ++i) {
      const Micro& micro = micros[i];
      const bool again = touched[micro.key] == t;
      touched[micro.key] = t;
      if (!again || micro.write || !micro.known) continue;
      const Expectation expectation(transactions, micros.first(i), micro.key);
      if (expectation.met(micro)) continue;
      sightings.add(AnomalyKind::internal, [&] {
        return Sighting{
            AnomalyKind::internal,
            fmt::format("T1 read {} = {}, but its own earlier steps make that {}", transactions.key_name(micro.key),
                        transactions.history->describe(micro.value), expectation.describe()),
            {t}};
      });
    }
  }
}

}  // namespace fracas::checker::isolation
