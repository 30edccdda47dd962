#include "controller/sim/sim_load.h"

#include <fmt/format.h>

#include <utility>

#include "controller/workload/call_events.h"

namespace fracas::controller {
namespace {

constexpr Duration kBreath = std::chrono::milliseconds(1);

}  // namespace

SimLoad::SimLoad(SimWorld& world, const SimLoadOptions& options)
    : world_(world),
      options_(options),
      generator_(make_generator(options.calls, options.seed)),
      arrivals_(options.seed, "workload/arrivals"),
      choice_(options.seed, "workload/clients"),
      people_(options.clients) {
  for (std::uint32_t i = 0; i < options.clients; ++i) {
    people_[i].number = i + 1;
    people_[i].process = fmt::format("c{}", i + 1);
    idle_.push_back(&people_[i]);
  }
}

void SimLoad::start() {
  open_ = true;
  next_arrival_ns_ = static_cast<double>(world_.scheduler().now().count());
  arrive();
}

void SimLoad::arrive() {
  next_arrival_ns_ += arrivals_.exponential(1e9 / options_.rate);
  world_.scheduler().at(Duration(static_cast<std::int64_t>(next_arrival_ns_)), [this] {
    if (!open_) return;
    if (idle_.empty()) {
      ++shed_;
    } else {
      serve(take_idle(), generator_->next());
    }
    arrive();
  });
}

// Whichever wakes first: some may rest for long, as real threads do.
SimLoad::Person& SimLoad::take_idle() {
  std::swap(idle_[static_cast<std::size_t>(choice_.below(idle_.size()))], idle_.back());
  Person& person = *idle_.back();
  idle_.pop_back();
  return person;
}

void SimLoad::serve(Person& person, const Call& call) {
  if (!person.client)
    person.client =
        world_.target().client(seat_of(++clients_, person.number - 1, options_.near), options_.attempt_timeout);
  person.asked = invocation(person.process, call);
  person.asked.time_ns = world_.now_ns();
  history_.push_back(person.asked);
  person.client->call(call, options_.timeout,
                      [this, &person](Answer&& answer) { answered(person, std::move(answer)); });
}

void SimLoad::answered(Person& person, Answer answer) {
  model::Event event = std::move(person.asked);
  complete(event, std::move(answer));
  event.time_ns = world_.now_ns();
  if (event.type == model::EventType::info) {
    // The operation stays open for ever, and a process has one at a time: from here on it is another client.
    person.client.reset();
    person.process = fmt::format("c{}.{}", person.number, ++person.life);
  }
  history_.push_back(std::move(event));
  if (waiting_.empty()) {
    idle_.push_back(&person);
    return;
  }
  const Call call = std::move(waiting_.front());
  waiting_.pop_front();
  serve(person, call);
}

void SimLoad::pass_until_idle(Duration patience) {
  const Duration latest = world_.scheduler().now() + patience;
  while (idle_.size() < people_.size() && world_.scheduler().step(latest)) {
  }
}

void SimLoad::stop() {
  open_ = false;
  pass_until_idle(options_.timeout * 2);
}

void SimLoad::read_all(Duration patience) {
  // What comes after the last answer must be later than it.
  world_.scheduler().run_until(world_.scheduler().now() + kBreath);
  for (Call& call : generator_->final_calls()) waiting_.push_back(std::move(call));
  while (!waiting_.empty() && !idle_.empty()) {
    const Call call = std::move(waiting_.front());
    waiting_.pop_front();
    serve(take_idle(), call);
  }
  pass_until_idle(patience);
  waiting_.clear();
}

}  // namespace fracas::controller
