#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "checker/isolation/dependencies.h"

namespace fracas::checker::isolation {
namespace {

constexpr std::uint32_t kUnwritten = kNone - 1;  // the version of a value that nobody wrote

}  // namespace

class RegisterOrders::KeyPass {
 public:
  KeyPass(RegisterOrders& orders, const Assumptions& assumptions, Graph& graph, Sightings& sightings)
      : transactions_(orders.transactions_),
        orders_(orders),
        assumptions_(assumptions),
        graph_(graph),
        sightings_(sightings),
        observed_(transactions_.micros.size(), false) {}

  void run(std::uint32_t key, std::span<const std::uint32_t> reads) {
    key_ = key;
    reads_.clear();
    edges_.clear();
    for (const std::uint32_t read : reads) judge(read);
    std::sort(reads_.begin(), reads_.end());
    collect_versions();
    find_lost_updates();
    if (assumptions_.writes_follow_reads) order_by_reads();
    if (assumptions_.linearizable_keys) order_by_time();
    if (assumptions_.sequential_keys) order_by_session();
    if (!assumptions_.transaction_order.empty()) order_as_told();
    keep_one_each();
    if (cyclic()) return;
    order_initial();
    order_seen();
    connect();
  }

 private:
  // A version and who read it.
  struct Read {
    std::uint32_t version = kNone;  // its write, kNone: the initial value, kUnwritten
    std::uint32_t transaction = 0;
    friend auto operator<=>(const Read&, const Read&) = default;
  };
  struct Link {
    std::uint32_t from = kNone, to = 0;
    Reason reason = Reason::initial;
    friend auto operator<=>(const Link&, const Link&) = default;
  };
  // How one transaction met the key: what it saw first and what it left.
  struct Meeting {
    std::uint32_t first = kNone, last = kNone, transaction = 0;
  };

  const Micro& micro(std::uint32_t index) const { return transactions_.micros[index]; }
  Outcome outcome(std::uint32_t write) const { return transactions_.all[micro(write).transaction].outcome; }
  std::string describe(Value value) const { return transactions_.history->describe(value); }

  void judge(std::uint32_t index) {
    const Micro& read = micro(index);
    if (!read.external) return;
    const std::uint32_t write = orders_.sources_[index];
    if (write == kNone) {
      const bool initial = read.value.is_nil() || read.value == assumptions_.initial;
      reads_.push_back({initial ? kNone : kUnwritten, read.transaction});
      if (!initial) note_unwritten(read);
      return;
    }
    const Micro& from = micro(write);
    if (from.transaction == read.transaction)
      return see(AnomalyKind::future_read, read, from, "T1 read {0} = {1} before it wrote that itself");
    if (outcome(write) == Outcome::fail)
      return see(AnomalyKind::g1a, read, from, "T2 read {0} = {1}, but T1, which wrote that, failed");
    observed_[write] = true;
    graph_.add(from.transaction, read.transaction, Dependency::wr);
    if (!from.external)
      see(AnomalyKind::g1b, read, from, "T2 read {0} = {1}, in the middle of T1, which then wrote {0} again");
    else
      reads_.push_back({write, read.transaction});
  }

  // One value without a write may have been there from the start; a second one cannot.
  void note_unwritten(const Micro& read) {
    const auto [found, fresh] = unwritten_.try_emplace(key_, read.value);
    if (fresh || found->second == read.value) return;
    sightings_.add(AnomalyKind::garbage_read, [&] {
      return Sighting{
          AnomalyKind::garbage_read,
          fmt::format("T1 read {} = {}, but nobody wrote that", transactions_.key_name(key_), describe(read.value)),
          {read.transaction}};
    });
  }

  void see(AnomalyKind kind, const Micro& read, const Micro& from, fmt::format_string<std::string, std::string> text) {
    sightings_.add(kind, [&] {
      std::vector<std::uint32_t> who{from.transaction};
      if (from.transaction != read.transaction) who.push_back(read.transaction);
      return Sighting{kind, fmt::format(text, transactions_.key_name(key_), describe(read.value)), std::move(who)};
    });
  }

  // Writes that count: the last of their transaction to the key, acknowledged or seen by someone.
  void collect_versions() {
    versions_.clear();
    for (const std::uint32_t write : orders_.writes_.of(key_))
      if (micro(write).external && (outcome(write) == Outcome::ok || observed_[write])) versions_.push_back(write);
    std::sort(versions_.begin(), versions_.end());
  }

  std::uint32_t write_of(std::uint32_t transaction) const {
    const Transaction& t = transactions_.all[transaction];
    for (std::uint32_t i = t.first; i < t.end; ++i)
      if (micro(i).write && micro(i).key == key_ && micro(i).external) return i;
    return kNone;
  }

  void find_lost_updates() {
    for (std::size_t i = 0, first = kNone; i < reads_.size(); ++i) {
      if (i == 0 || reads_[i].version != reads_[i - 1].version) first = kNone;
      if (i > 0 && reads_[i] == reads_[i - 1]) continue;
      const bool another = i + 1 < reads_.size() && reads_[i].version == reads_[i + 1].version;
      if (first == kNone && !another) continue;  // the only one that read it, or the last
      if (!writes_key(transactions_, reads_[i].transaction, key_)) continue;
      if (first == kNone) {
        first = i;
        continue;
      }
      sightings_.add(AnomalyKind::lost_update, [&] {
        const std::uint32_t version = reads_[i].version;
        const Value value = version < kUnwritten    ? micro(version).value
                            : version == kUnwritten ? unwritten_.at(key_)
                                                    : Value{};
        return Sighting{AnomalyKind::lost_update,
                        fmt::format("T1 and T2 both read {} = {} and both wrote to it", transactions_.key_name(key_),
                                    describe(value)),
                        {reads_[first].transaction, reads_[i].transaction}};
      });
    }
  }

  void link(std::uint32_t from, std::uint32_t to, Reason reason) {
    if (from != to) edges_.push_back({from, to, reason});
  }

  void order_by_reads() {
    for (const Read& read : reads_)
      if (const std::uint32_t write = write_of(read.transaction); write != kNone)
        link(read.version, write, Reason::write_follows_read);
  }

  // By invocation.
  std::vector<Meeting> meetings() const {
    std::map<std::uint32_t, Meeting> by_transaction;
    for (const Read& read : reads_) by_transaction[read.transaction] = {read.version, read.version, read.transaction};
    for (const std::uint32_t write : versions_) {
      if (outcome(write) != Outcome::ok) continue;
      const auto [found, fresh] = by_transaction.try_emplace(micro(write).transaction);
      if (fresh) found->second = {write, write, micro(write).transaction};
      found->second.last = write;
    }
    std::vector<Meeting> all;
    for (const auto& [transaction, meeting] : by_transaction) all.push_back(meeting);
    return all;
  }

  // Links each meeting to those that ended before it began and with none wholly between.
  void order_by_time() {
    const auto all = meetings();
    std::vector<std::pair<std::int64_t, std::size_t>> ended;
    for (std::size_t i = 0; i < all.size(); ++i)
      ended.emplace_back(transactions_.operation(all[i].transaction).return_ns, i);
    std::sort(ended.begin(), ended.end());
    std::size_t done = 0;
    std::int64_t latest_start = std::numeric_limits<std::int64_t>::min();
    for (const Meeting& meeting : all) {
      const std::int64_t start = transactions_.operation(meeting.transaction).invoke_ns;
      for (; done < ended.size() && ended[done].first < start; ++done)
        latest_start = std::max(latest_start, transactions_.operation(all[ended[done].second].transaction).invoke_ns);
      for (std::size_t i = done; i-- > 0 && ended[i].first >= latest_start;)
        link(all[ended[i].second].last, meeting.first, Reason::real_time);
      if (meeting.first != meeting.last) link(meeting.first, meeting.last, Reason::write_follows_read);
    }
  }

  void order_by_session() {
    std::map<std::uint32_t, std::uint32_t> last;  // by process: the version it met last
    for (const Meeting& meeting : meetings()) {
      const auto [found, fresh] = last.try_emplace(transactions_.operation(meeting.transaction).process);
      if (!fresh) link(found->second, meeting.first, Reason::session);
      if (meeting.first != meeting.last) link(meeting.first, meeting.last, Reason::write_follows_read);
      found->second = meeting.last;
    }
  }

  void order_as_told() {
    std::vector<std::pair<std::int64_t, std::uint32_t>> ranks;
    for (const std::uint32_t write : versions_)
      ranks.emplace_back(assumptions_.transaction_order[transactions_.all[micro(write).transaction].operation], write);
    std::sort(ranks.begin(), ranks.end());
    for (std::size_t i = 1; i < ranks.size(); ++i) link(ranks[i - 1].second, ranks[i].second, Reason::told);
  }

  std::uint32_t node(std::uint32_t version) const {
    if (version == kNone) return 0;
    if (version == kUnwritten) return 1;
    return 2 + static_cast<std::uint32_t>(std::lower_bound(versions_.begin(), versions_.end(), version) -
                                          versions_.begin());
  }

  // Sorts the edges; of those between the same two versions the first stays.
  void keep_one_each() {
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end(),
                             [](const Link& a, const Link& b) { return a.from == b.from && a.to == b.to; }),
                 edges_.end());
  }

  bool cyclic() {
    if (edges_.empty()) return false;
    Graph graph(2 + static_cast<std::uint32_t>(versions_.size()));
    for (const Link& edge : edges_) graph.add(node(edge.from), node(edge.to), Dependency::ww);
    graph.finish();
    const auto found = components(graph, kWrites);
    if (found.empty()) return false;
    sightings_.add(AnomalyKind::cyclic_versions, [&] { return describe_cycle(found.front()); });
    return true;
  }

  Sighting describe_cycle(std::vector<std::uint32_t> nodes) const {
    std::sort(nodes.begin(), nodes.end());
    std::string values;
    std::vector<std::uint32_t> who;
    for (const std::uint32_t at : nodes) {
      if (at < 2) values += at == 0 ? "nil " : describe(unwritten_.at(key_)) + " ";
      if (at < 2) continue;
      values += describe(micro(versions_[at - 2]).value) + " ";
      who.push_back(micro(versions_[at - 2]).transaction);
    }
    values.pop_back();
    return {AnomalyKind::cyclic_versions,
            fmt::format("the values {} of {} would have to follow each other in a circle", values,
                        transactions_.key_name(key_)),
            std::move(who)};
  }

  // The initial value comes before the versions that no other one precedes.
  void order_initial() {
    std::vector<bool> preceded(versions_.size() + 2, false);
    for (const Link& edge : edges_) preceded[node(edge.to)] = true;
    const bool read = !reads_.empty() && reads_.back().version == kNone;
    if (!read) return;
    for (const std::uint32_t version : versions_)
      if (!preceded[node(version)]) edges_.push_back({kNone, version, Reason::initial});
    std::sort(edges_.begin(), edges_.end());
  }

  // Whoever read from a transaction that wrote the key before it wrote the key itself comes later, or the two depend on
  // each other in a circle. The edge between them is there already: this is for those who read the first one's version.
  void order_seen() {
    const std::size_t known = edges_.size();
    const auto of_key = std::equal_range(orders_.met_.begin(), orders_.met_.end(), Met{key_, 0, 0},
                                         [](const Met& a, const Met& b) { return a.key < b.key; });
    for (auto met = of_key.first; met != of_key.second; ++met)
      if (std::binary_search(versions_.begin(), versions_.end(), met->after))
        link(met->before, met->after, Reason::seen);
    if (edges_.size() == known) return;
    keep_one_each();
  }

  void connect() {
    std::vector<std::uint32_t> readers, writers;
    for (std::size_t first = 0; first < edges_.size();) {
      const std::uint32_t from = edges_[first].from;
      readers.clear();
      writers.clear();
      std::size_t end = first;
      for (; end < edges_.size() && edges_[end].from == from; ++end) {
        orders_.versions_.push_back(
            {from, edges_[end].to, edges_[end].reason, key_, from == kUnwritten ? unwritten_.at(key_) : Value{}});
        if (edges_[end].to >= kUnwritten) continue;
        writers.push_back(micro(edges_[end].to).transaction);
        if (from < kUnwritten && edges_[end].reason != Reason::seen)
          graph_.add(micro(from).transaction, writers.back(), Dependency::ww);
      }
      const auto range = std::equal_range(reads_.begin(), reads_.end(), Read{from, 0},
                                          [](const Read& a, const Read& b) { return a.version < b.version; });
      for (auto read = range.first; read != range.second; ++read) readers.push_back(read->transaction);
      graph_.connect_all(readers, writers, Dependency::rw);
      first = end;
    }
  }

  const Transactions& transactions_;
  RegisterOrders& orders_;
  const Assumptions& assumptions_;
  Graph& graph_;
  Sightings& sightings_;
  std::vector<bool> observed_;                // by micro-operation: a write that some read returned
  std::map<std::uint32_t, Value> unwritten_;  // by key: the one value that may have been there from the start
  std::uint32_t key_ = 0;
  std::vector<Read> reads_;  // by version
  std::vector<std::uint32_t> versions_;
  std::vector<Link> edges_;  // by from
};

RegisterOrders::RegisterOrders(const Transactions& transactions, const WriteIndex& writes,
                               const Assumptions& assumptions, Graph& graph, Sightings& sightings)
    : transactions_(transactions), writes_(writes), sources_(transactions.micros.size(), kNone) {
  const Groups reads = reads_by_key(transactions);
  for (std::uint32_t key = 0; key < transactions.keys.size(); ++key)
    for (const std::uint32_t read : reads.of(key))
      if (const Micro& micro = transactions.micros[read]; micro.external)
        sources_[read] = writes.find(key, micro.value);
  collect_met();
  KeyPass pass(*this, assumptions, graph, sightings);
  for (std::uint32_t key = 0; key < transactions.keys.size(); ++key) pass.run(key, reads.of(key));
}

// One pass over the transactions, and one look at each that they read from: they lie far apart.
void RegisterOrders::collect_met() {
  const auto& micros = transactions_.micros;
  for (std::uint32_t read = 0; read < micros.size(); ++read) {
    const std::uint32_t source = sources_[read];
    if (source == kNone || micros[read].value.is_nil()) continue;
    const std::uint32_t giver = micros[source].transaction, taker = micros[read].transaction;
    if (giver == taker || transactions_.all[giver].outcome == Outcome::fail) continue;
    for (const Micro& before : transactions_.of(giver)) {
      if (!before.write || !before.external || before.key == micros[read].key) continue;
      for (const Micro& after : transactions_.of(taker))
        if (after.write && after.external && after.key == before.key)
          met_.push_back({after.key, index_of(before), index_of(after)});
    }
  }
  std::sort(met_.begin(), met_.end(), [](const Met& a, const Met& b) { return a.key < b.key; });
}

std::string RegisterOrders::explain(const CycleStep& step, std::uint32_t to, const PairNames& names) const {
  const auto describe = [&](Value value) { return transactions_.history->describe(value); };
  const auto& micros = transactions_.micros;
  if (step.dependency == Dependency::wr)
    for (const Micro& a : transactions_.of(step.transaction))
      for (const Micro& b : transactions_.of(to))
        if (a.write && !b.write && a.key == b.key && a.value == b.value)
          return fmt::format("{} read {} = {}, which {} wrote", names.to, transactions_.key_name(a.key),
                             describe(b.value), names.from);
  for (const VersionEdge& edge : versions_) {
    if (edge.to >= kUnwritten || micros[edge.to].transaction != to) continue;
    const Value before = edge.from < kUnwritten ? micros[edge.from].value : edge.unwritten;
    const std::string key = transactions_.key_name(edge.key);
    const std::string why = edge.reason == Reason::initial              ? "nil is what keys start with"
                            : edge.reason == Reason::write_follows_read ? "whoever wrote that had read the other"
                            : edge.reason == Reason::session            ? "a process met them in that order"
                            : edge.reason == Reason::told               ? "so says transaction-order"
                            : edge.reason == Reason::seen ? "whoever wrote that had read from the other's writer"
                                                          : "they were met in that order of time";
    if (step.dependency == Dependency::ww) {
      if (edge.from >= kUnwritten || micros[edge.from].transaction != step.transaction) continue;
      return fmt::format("{} wrote {} = {}, and {} then wrote {} ({})", names.from, key, describe(before), names.to,
                         describe(micros[edge.to].value), why);
    }
    for (const Micro& a : transactions_.of(step.transaction))
      if (!a.write && a.known && a.key == edge.key && a.value == before)
        return fmt::format("{} read {} = {}, which {} replaced by {} ({})", names.from, key, describe(before), names.to,
                           describe(micros[edge.to].value), why);
  }
  return {};
}

}  // namespace fracas::checker::isolation
