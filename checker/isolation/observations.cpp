#include "checker/isolation/observations.h"

#include <algorithm>

namespace fracas::checker::isolation {

Observations Observations::make(const Transactions& transactions, const WriteIndex& writes, Value initial) {
  Observations made;
  made.transactions_ = &transactions;
  made.seen_.assign(transactions.all.size(), false);
  made.add_observations(writes, initial);
  made.add_written();
  return made;
}

void Observations::add_observations(const WriteIndex& writes, Value initial) {
  const Transactions& transactions = *transactions_;
  begin_.assign(1, 0);
  begin_.reserve(transactions.all.size() + 1);
  all_.reserve(transactions.micros.size() / 2);
  for (std::uint32_t t = 0; t < transactions.all.size(); ++t) {
    for (const Micro& micro : transactions.of(t)) {
      if (micro.write || !micro.known || !micro.external || transactions.all[t].outcome != Outcome::ok) continue;
      if (micro.value.is_nil() || micro.value == initial)
        all_.push_back({micro.key, kNone});
      else
        add_elements(writes, micro);
    }
    begin_.push_back(static_cast<std::uint32_t>(all_.size()));
  }
}

void Observations::add_elements(const WriteIndex& writes, const Micro& read) {
  const Transactions& transactions = *transactions_;
  const bool lists = transactions.dialect == Dialect::lists;
  const auto elements = lists ? transactions.history->values.elements_of(read.value) : std::span(&read.value, 1);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::uint32_t write = writes.find(read.key, elements[i]);
    if (write == kNone) continue;
    const std::uint32_t from = transactions.micros[write].transaction;
    if (from == read.transaction || transactions.all[from].outcome == Outcome::fail) continue;
    seen_[from] = true;
    all_.push_back({i + 1 == elements.size() ? read.key : kNone, from});
  }
}

void Observations::add_written() {
  const Transactions& transactions = *transactions_;
  written_begin_.assign(1, 0);
  written_begin_.reserve(transactions.all.size() + 1);
  written_.reserve(transactions.micros.size() / 2);
  for (std::uint32_t t = 0; t < transactions.all.size(); ++t) {
    const auto first = static_cast<std::ptrdiff_t>(written_.size());
    const Outcome outcome = transactions.all[t].outcome;
    if (outcome == Outcome::ok || (outcome == Outcome::info && seen_[t]))
      for (const Micro& micro : transactions.of(t))
        if (micro.write) written_.push_back(micro.key);
    std::sort(written_.begin() + first, written_.end());
    written_.erase(std::unique(written_.begin() + first, written_.end()), written_.end());
    written_begin_.push_back(static_cast<std::uint32_t>(written_.size()));
  }
}

bool Observations::writes(std::uint32_t transaction, std::uint32_t key) const {
  const auto keys = written(transaction);
  return std::binary_search(keys.begin(), keys.end(), key);
}

}  // namespace fracas::checker::isolation
