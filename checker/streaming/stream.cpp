#include "checker/streaming/stream.h"

#include <fmt/format.h>

#include <charconv>

#include "checker/history/history_builder.h"
#include "checker/streaming/accusation.h"

namespace fracas::checker {
namespace {

using model::EventType;

Value initial_value(std::string_view text, Values& values) {
  if (text == "nil") return {};
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return values.integer(number);
  return values.text(text);
}

std::string_view name_of(Function function) {
  return function == Function::read ? "read" : function == Function::write ? "write" : "cas";
}

// Any that a register does not have will do for all that it has not.
Function function_of(model::Function function) {
  if (function == model::Function::read) return Function::read;
  if (function == model::Function::write) return Function::write;
  return function == model::Function::cas ? Function::cas : Function::append;
}

}  // namespace

StreamEvent stream_event(const model::Event& event, Values& values) {
  const Function function = function_of(event.function);
  return {event.time_ns,
          event.type,
          function,
          event.process,
          event.key.empty() ? Value{} : values.text(event.key),
          value_of(event.value, values),
          says_mismatch(function, event.error)};
}

Stream::Stream(StreamOptions options) : options_(std::move(options)) {
  initial_ = initial_value(options_.initial, values_);
}

Result<void> Stream::add(const StreamEvent& event) {
  if (violation_) return {};
  if (event.time_ns < now_ns_)
    return failure(fmt::format("its time {} is before the {} of the event before it", event.time_ns, now_ns_));
  auto added = event.type == EventType::invoke ? invoke(event) : complete(event);
  if (!added) return added;
  if (operations_ == 1 && event.type == EventType::invoke) first_ns_ = event.time_ns;
  now_ns_ = event.time_ns;
  if (values_.bytes() > values_bytes_max_) renew_values();
  return added;
}

// What the event asks for. ERRORS: it is not of the model.
Result<void> Stream::ask(const StreamEvent& event, StreamedCall& call) const {
  call.invoke_ns = event.time_ns;
  call.process = event.process;
  if (event.function == Function::read) return {};
  call.first = event.value;
  call.kind = CallKind::write;
  if (event.function == Function::write) return {};
  if (event.function != Function::cas || !options_.cas)
    return failure(fmt::format("a {} has no such operation", options_.cas ? "cas-register" : "register"));
  const auto pair = event.value.is(Value::Kind::list) ? values_.elements_of(event.value) : std::span<const Value>{};
  if (pair.size() != 2) return failure("the value of this cas is not a pair of an expected and a new value");
  call.kind = CallKind::cas;
  call.first = pair[0];
  call.second = pair[1];
  return {};
}

Result<void> Stream::invoke(const StreamEvent& event) {
  if (open_.contains(std::string(event.process)))
    return failure(fmt::format("process {} invokes a second operation while it has one open", event.process));
  Waiting operation;
  if (auto asked = ask(event, operation.call); !asked) return asked;
  auto& key = keys_[event.key];
  if (!key) key = std::make_unique<Key>(initial_);
  open_.emplace(event.process, Open{key.get(), event.key, key->passed + key->waiting.size(), event.function});
  ++operations_;
  if (!key->given_up) key->waiting.push_back(std::move(operation));
  return {};
}

Result<void> Stream::complete(const StreamEvent& event) {
  const auto open = open_.find(std::string(event.process));
  if (open == open_.end())
    return failure(fmt::format("process {} has \"{}\" without an invocation", event.process, model::name(event.type)));
  const Open of = open->second;
  if (of.function != event.function)
    return failure(fmt::format("process {} completes a {} but has a {} open", event.process, name_of(event.function),
                               name_of(of.function)));
  open_.erase(open);
  if (of.key->given_up) return {};
  answer(event, of.key->waiting[of.number - of.key->passed]);
  if (of.key->waiting.size() >= std::max(of.key->look_at, options_.stretch)) look(*of.key, of.name);
  return {};
}

void Stream::answer(const StreamEvent& event, Waiting& operation) const {
  operation.type = event.type;
  if (event.type == EventType::info) return;
  StreamedCall& call = operation.call;
  call.return_ns = event.time_ns;
  call.required = true;
  if (call.kind == CallKind::read) call.first = event.value;
  if (event.type != EventType::fail || call.kind != CallKind::cas || options_.fail != FailMeans::mismatch) return;
  call.kind = CallKind::mismatch;
  operation.type = EventType::ok;
}

// All that happened by then is known: what ended, and how what was open then will end.
std::int64_t Stream::known_until(const Key& key) const {
  std::int64_t until_ns = finished_ ? kNever - 1 : now_ns_ - 1;
  for (const Waiting& operation : key.waiting) {
    if (operation.type != EventType::invoke || finished_) continue;
    return std::min(until_ns, operation.call.invoke_ns - 1);
  }
  return until_ns;
}

// The operations invoked by then that matter: without those that did not happen, and reads without an answer.
std::vector<StreamedCall> Stream::take_until(Key& key, std::int64_t until_ns) const {
  std::vector<StreamedCall> calls;
  while (!key.waiting.empty() && key.waiting.front().call.invoke_ns <= until_ns) {
    Waiting& next = key.waiting.front();
    const bool matters =
        next.type == EventType::ok || (next.type != EventType::fail && next.call.kind != CallKind::read);
    if (matters) calls.push_back(std::move(next.call));
    key.waiting.pop_front();
    ++key.passed;
  }
  return calls;
}

void Stream::look(Key& key, Value name) {
  if (key.given_up || violation_) return;
  const std::int64_t until_ns = known_until(key);
  std::vector<StreamedCall> calls = take_until(key, until_ns);
  key.look_at = key.waiting.size() + options_.stretch;
  const std::uint64_t before = key.frontier.explored();
  const Linearizable answer = key.frontier.advance(std::move(calls), until_ns, options_.configurations_max);
  explored_ += key.frontier.explored() - before;
  if (answer == Linearizable::no) violation_ = accuse(key.frontier, values_, name, options_.cas, first_ns_);
  if (answer != Linearizable::unknown) return;
  key.given_up = true;
  key.waiting = {};
  key.frontier = Frontier(initial_);
  ++given_up_;
}

void Stream::catch_up() {
  for (auto& [name, key] : keys_)
    if (!key->waiting.empty() || finished_) look(*key, name);
}

void Stream::finish() {
  finished_ = true;
  catch_up();
}

Verdict Stream::verdict() const {
  if (violation_) return Verdict::violated;
  return given_up_ > 0 ? Verdict::undecided : Verdict::pass;
}

std::size_t Stream::bytes() const {
  std::size_t bytes = values_.bytes() + open_.size() * (sizeof(Open) + 64);
  for (const auto& [name, key] : keys_)
    bytes += sizeof(Key) + 64 + key->frontier.bytes() + key->waiting.size() * sizeof(Waiting);
  return bytes;
}

// Texts and lists of events that are forgotten stay in the tables: now and then what is still in use moves to new ones.
void Stream::renew_values() {
  Values fresh;
  const auto renew = [&](Value value) { return fresh.adopt(values_, value); };
  std::unordered_map<Value, std::unique_ptr<Key>> keys;
  for (auto& [name, key] : keys_) {
    key->frontier.renew_values(renew);
    for (Waiting& operation : key->waiting) {
      operation.call.first = renew(operation.call.first);
      operation.call.second = renew(operation.call.second);
    }
    keys.emplace(renew(name), std::move(key));
  }
  for (auto& [process, open] : open_) open.name = renew(open.name);
  initial_ = renew(initial_);
  keys_ = std::move(keys);
  values_ = std::move(fresh);
  values_bytes_max_ = std::max(std::size_t{1} << 20U, 2 * values_.bytes());
}

}  // namespace fracas::checker
