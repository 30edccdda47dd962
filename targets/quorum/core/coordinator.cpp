#include <algorithm>
#include <utility>

#include "targets/quorum/core/replica.h"

// Requests under way. Every member coordinates any key's: it asks the key's homes, itself like the others.
namespace fracas::quorum {
namespace {

constexpr std::size_t kOperationsMax = 10'000;

Value value_of(const std::optional<Cell>& cell) {
  if (!cell) return {};
  if (const auto* counter = std::get_if<Counter>(&*cell)) return sum_of(*counter);
  if (const auto* dotted = std::get_if<Dotted>(&*cell)) {
    std::vector<std::int64_t> values;
    for (const auto& [dot, value] : dotted->values) values.push_back(value);
    std::ranges::sort(values);
    const auto repeated = std::ranges::unique(values);
    values.erase(repeated.begin(), repeated.end());
    return values;
  }
  const auto& held = std::get<Register>(*cell);
  return held.value ? Value(*held.value) : Value();
}

Reply reply_of(const std::optional<Cell>& cell) {
  Reply reply{.value = value_of(cell)};
  const auto* dotted = cell ? std::get_if<Dotted>(&*cell) : nullptr;
  if (dotted != nullptr) reply.context = dotted->seen;
  return reply;
}

// Whether it must know what others hold before it can write.
bool asks_first(const Action& action, bool atomic) {
  return is_read(action) || std::holds_alternative<Remove>(action) || (atomic && std::holds_alternative<Put>(action));
}

}  // namespace

void Replica::handle(const Requested& requested) {
  Operation operation;
  operation.request = requested.request;
  operation.what = requested.what;
  operation.deadline_ns = now_.monotonic_ns + options_.request_timeout.count();
  if (const ReplyStatus status = begin(operation, requested.what.terms); status != ReplyStatus::ok)
    return answer(operation, {.status = status});
  const OperationId id = ++next_operation_;
  Operation& kept = operations_[id] = std::move(operation);
  const Terms& terms = kept.what.terms;
  if (asks_first(kept.what.action, terms.atomic && !options_.bugs.wall_clock)) return query(id, kept);
  if (auto cell = changed(kept)) return update(id, kept, std::move(*cell));
  answer(kept, {.status = ReplyStatus::wrong_kind});
  operations_.erase(id);
}

ReplyStatus Replica::begin(Operation& operation, const Terms& terms) {
  const Request& what = operation.what;
  if (what.key.empty() || what.key.size() > kKeyBytesMax) return ReplyStatus::bad_request;
  const auto* add = std::get_if<Add>(&what.action);
  if (add != nullptr && (add->amount > kCountMax || add->amount < -kCountMax)) return ReplyStatus::bad_request;
  if (operations_.size() >= kOperationsMax) return ReplyStatus::busy;
  const auto members = static_cast<std::uint32_t>(options_.members.size());
  const std::uint32_t replicas = std::min(members, terms.replicas > 0 ? terms.replicas : options_.replicas);
  const std::uint32_t majority = options_.bugs.small_quorum ? std::max(1U, replicas / 2) : replicas / 2 + 1;
  operation.reads = terms.reads > 0 ? terms.reads : majority;
  operation.writes = terms.writes > 0 ? terms.writes : majority;
  if (std::max(operation.reads, operation.writes) > replicas) return ReplyStatus::bad_request;
  choose_targets(operation, replicas, terms.atomic ? options_.bugs.sloppy_as_strict : terms.sloppy);
  const bool reads = asks_first(what.action, terms.atomic);
  const bool writes = terms.atomic || !is_read(what.action);
  const std::uint32_t needed = std::max(reads ? operation.reads : 0, writes ? operation.writes : 0);
  return targets_alive(operation) < needed ? ReplyStatus::unavailable : ReplyStatus::ok;
}

// The homes; with `sloppy`, each that seems to be down is replaced by the next member that does not.
void Replica::choose_targets(Operation& operation, std::uint32_t replicas, bool sloppy) {
  const std::vector<Member> order = ring_.order(operation.what.key);
  std::size_t next = replicas;
  for (std::size_t i = 0; i < replicas; ++i) {
    while (sloppy && next < order.size() && !alive(order[i]) && !alive(order[next])) ++next;
    if (sloppy && next < order.size() && !alive(order[i])) {
      operation.targets.push_back({order[next++], order[i]});
    } else {
      operation.targets.push_back({order[i], std::nullopt});
    }
  }
}

std::size_t Replica::targets_alive(const Operation& operation) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(operation.targets, [this](const Target& target) { return alive(target.member); }));
}

void Replica::query(OperationId id, Operation& operation) {
  operation.phase = Operation::Phase::query;
  for (const Target& target : operation.targets) outbox_.at_once(Send{target.member, Fetch{id, operation.what.key}});
}

void Replica::handle_message(Member from, const Fetched& fetched) {
  const auto found = operations_.find(fetched.operation);
  if (found == operations_.end()) return;
  Operation& operation = found->second;
  if (operation.phase == Operation::Phase::update || !operation.asks(from)) return;
  operation.found[from] = fetched.cell;
  if (operation.phase == Operation::Phase::query) {
    if (operation.found.size() >= operation.reads) queried(found->first, operation);
  } else if (operation.found.size() == operation.targets.size()) {
    close(found->first);
  }
}

void Replica::queried(OperationId id, Operation& operation) {
  for (const auto& [member, cell] : operation.found) {
    if (!cell) continue;
    if (const auto* held = std::get_if<Register>(&*cell)) clock_.observe(held->stamp);
    if (!operation.cell) {
      operation.cell = cell;
    } else {
      join(*operation.cell, *cell);
    }
  }
  if (is_read(operation.what.action)) return read_done(id, operation);
  if (auto cell = changed(operation)) return update(id, operation, std::move(*cell));
  answer(operation, {.status = ReplyStatus::wrong_kind});
  operations_.erase(id);
}

void Replica::read_done(OperationId id, Operation& operation) {
  operation.reply = reply_of(operation.cell);
  const bool atomic = operation.what.terms.atomic && !options_.bugs.no_write_back;
  const auto same = [&](const auto& found) { return found.second == operation.cell; };
  const auto holders = static_cast<std::uint32_t>(std::ranges::count_if(operation.found, same));
  if (atomic && operation.cell && holders < operation.writes) return update(id, operation, *operation.cell);
  answer(operation, operation.reply);
  operation.phase = Operation::Phase::repair;
  if (operation.found.size() == operation.targets.size()) close(id);
}

std::optional<Cell> Replica::changed(const Operation& operation) {
  const std::string& key = operation.what.key;
  const Action& action = operation.what.action;
  if (const auto* write = std::get_if<Put>(&action)) {
    if (operation.cell && !std::holds_alternative<Register>(*operation.cell)) return std::nullopt;
    const bool by_clock = !operation.what.terms.atomic || options_.bugs.wall_clock;
    return Register{next_stamp(by_clock ? now_.wall_ns : 0), write->value, write->value ? 0 : now_.wall_ns};
  }
  const Cell* held = find(key);
  if (const auto* add = std::get_if<Add>(&action)) {
    if (held != nullptr && !std::holds_alternative<Counter>(*held)) return std::nullopt;
    Counter counter = held != nullptr ? std::get<Counter>(*held) : Counter{};
    add_amount(counter, options_.self, add->amount);
    set_cell(key, counter);
    return counter;
  }
  // A member's own events on a key are all in its own copy, home or not: they go out with it.
  if (held != nullptr && !std::holds_alternative<Dotted>(*held)) return std::nullopt;
  Dotted dotted = held != nullptr ? std::get<Dotted>(*held) : Dotted{};
  if (const auto* remove = std::get_if<Remove>(&action)) {
    Cell joined = dotted;
    if (operation.cell && !join(joined, *operation.cell)) return std::nullopt;
    dotted = std::get<Dotted>(std::move(joined));
    remove_element(dotted, remove->element);
  } else {
    const auto* beside = std::get_if<PutBeside>(&action);
    const VersionVector context = beside != nullptr ? beside->context : VersionVector{};
    const std::uint64_t last = std::max(dotted.seen.count(options_.self), context.count(options_.self));
    const Dot dot{options_.self, options_.bugs.forgotten_dots ? ++counts_[key] : last + 1};
    put_sibling(dotted, dot, beside != nullptr ? beside->value : std::get<Insert>(action).element, context);
  }
  set_cell(key, dotted);
  return dotted;
}

Stamp Replica::next_stamp(std::int64_t wall_ns) {
  // A clock alone, whatever has been seen.
  if (options_.bugs.wall_clock) return {wall_ns, ++next_operation_, options_.self, life_};
  const auto [time, logical] = clock_.next(wall_ns);
  return {time, logical, options_.self, life_};
}

// After the disk: what this member has begun must not be begun again by its next life.
void Replica::update(OperationId id, Operation& operation, Cell cell) {
  operation.phase = Operation::Phase::update;
  operation.cell = std::move(cell);
  for (const Target& target : operation.targets)
    outbox_.after_disk(Send{target.member, Store{id, operation.what.key, *operation.cell, target.home}});
}

void Replica::handle_message(Member from, const Stored& stored) {
  const auto found = operations_.find(stored.operation);
  if (found == operations_.end() || !stored.joined) return;
  Operation& operation = found->second;
  if (operation.phase != Operation::Phase::update || !operation.asks(from)) return;
  operation.stored.insert(from);
  if (operation.stored.size() >= operation.writes) answer(operation, operation.reply);
  if (operation.stored.size() == operation.targets.size()) close(found->first);
}

void Replica::answer(Operation& operation, Reply reply) {
  if (operation.answered) return;
  operation.answered = true;
  outbox_.after_disk(Answer{operation.request, std::move(reply)});
}

// Time is over: what was not acknowledged is kept for those who did not.
void Replica::give_up(Operation& operation) {
  const bool writes = operation.phase == Operation::Phase::update;
  const bool unknown = writes && !is_read(operation.what.action);
  answer(operation, {.status = unknown ? ReplyStatus::unknown : ReplyStatus::unavailable});
  if (!writes || !options_.hinted_handoff) return;
  for (const Target& target : operation.targets) {
    const bool silent = !operation.stored.contains(target.member) && target.member != options_.self;
    if (silent) hold_hint(target.home.value_or(target.member), operation.what.key, *operation.cell);
  }
}

void Replica::repair(const Operation& operation) {
  if (!options_.read_repair || operation.phase != Operation::Phase::repair) return;
  std::optional<Cell> joined = operation.cell;
  for (const auto& [member, cell] : operation.found) {
    if (!cell) continue;
    if (!joined) {
      joined = cell;
    } else {
      join(*joined, *cell);
    }
  }
  if (!joined) return;
  for (const auto& [member, cell] : operation.found)
    if (cell != joined) outbox_.after_disk(Send{member, Store{0, operation.what.key, *joined, {}}});
}

void Replica::close(OperationId id) {
  const auto found = operations_.find(id);
  repair(found->second);
  operations_.erase(found);
}

void Replica::close_late() {
  std::vector<OperationId> late;
  for (const auto& [id, operation] : operations_)
    if (operation.deadline_ns <= now_.monotonic_ns) late.push_back(id);
  for (const OperationId id : late) {
    give_up(operations_.at(id));
    close(id);
  }
}

}  // namespace fracas::quorum
