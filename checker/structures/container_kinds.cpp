#include "checker/structures/container_kinds.h"

#include <fmt/format.h>

#include "checker/structures/element_registers.h"
#include "checker/structures/fifo_queue.h"
#include "checker/structures/growing_set.h"
#include "checker/structures/object_check.h"
#include "checker/structures/priority_queue.h"
#include "checker/structures/sequential_objects.h"
#include "checker/structures/stack.h"
#include "checker/weak/model_order.h"

namespace fracas::checker {
namespace {

struct Container {
  std::string_view promise;
  ContainerFunctions functions;
  Discipline discipline;
  Decision (*decide)(const History&, const Lifetimes&);
};

Result<void> all_integers(const History& history, std::span<const std::uint32_t> operations, Function put) {
  for (const std::uint32_t index : operations) {
    const Operation& operation = history.operations[index];
    if (operation.function == put && !operation.argument.is(Value::Kind::integer))
      return failure(fmt::format("event {}: {} is not an integer, so it has no priority", operation.invoke + 1,
                                 history.describe(operation.argument)));
  }
  return {};
}

Result<Decision> decide_container(const History& history, std::span<const std::uint32_t> operations,
                                  const Container& container, FailMeans fail) {
  if (container.discipline == Discipline::least)
    if (auto integers = all_integers(history, operations, container.functions.put); !integers)
      return failure(std::move(integers).error());
  const auto lifetimes = lifetimes_of(history, operations, container.functions, fail);
  if (!lifetimes) return failure(lifetimes.error());
  if (lifetimes->refused) return *lifetimes->refused;
  if (lifetimes->repeated) return Decision::give_up("a value was put in more than once");
  if (lifetimes->looked) return Decision::give_up("there are looks that take nothing");
  Decision decision = container.decide(history, *lifetimes);
  if (decision.answer == Linearizable::no) return with_small_proof(history, *lifetimes, decision, container.decide);
  return decision;
}

constexpr std::string_view kSequential = "sequential";

Result<CheckResult> check_container(const History& history, const Request& request, const Container& container) {
  if (request.level == kSequential)
    return weak::check_sequential(history, request, container_model(history, container.functions, container.discipline),
                                  {.name = container.promise.substr(container.promise.rfind(' ') + 1)},
                                  [&](const Request& strong) { return check_container(history, strong, container); });
  auto result = check_objects(history, request,
                              {std::string(container.promise),
                               [&](std::span<const std::uint32_t> operations) {
                                 return decide_container(history, operations, container, request.fail);
                               },
                               container_model(history, container.functions, container.discipline)});
  if (!result) return result;
  const std::string_view take = history.functions.name(container.functions.take);
  result->details.push_back(request.fail == FailMeans::mismatch
                                ? fmt::format("a failed {} means that there was nothing (fail = mismatch)", take)
                                : fmt::format("a failed {} means that nothing happened (fail = did-not-happen)", take));
  return result;
}

Result<CheckResult> check_fifo_queue(const History& history, const Request& request) {
  return check_container(
      history, request,
      {"linearizable as fifo-queue", {Function::enqueue, Function::dequeue}, Discipline::first_in, decide_fifo_queue});
}

Result<CheckResult> check_stack(const History& history, const Request& request) {
  return check_container(history, request,
                         {"linearizable as stack", {Function::push, Function::pop}, Discipline::last_in, decide_stack});
}

Result<CheckResult> check_priority_queue(const History& history, const Request& request) {
  return check_container(history, request,
                         {"linearizable as priority-queue",
                          {Function::insert, Function::remove_min},
                          Discipline::least,
                          decide_priority_queue});
}

Result<CheckResult> check_set(const History& history, const Request& request) {
  if (request.level == kSequential)
    return weak::check_sequential(history, request, set_model(history), {.name = "set"},
                                  [&](const Request& strong) { return check_set(history, strong); });
  return check_objects(history, request,
                       {"linearizable as set",
                        [&](std::span<const std::uint32_t> operations) -> Result<Decision> {
                          if (only_grows(history, operations)) return decide_growing_set(history, operations);
                          return decide_elements(history, operations, request.budget);
                        },
                        set_model(history)});
}

}  // namespace

const ModelKind kFifoQueue{"fifo-queue",
                           "a queue, first in first out: enqueue, dequeue (nil = it was empty), peek, length",
                           {"linearizable", kSequential},
                           {},
                           check_fifo_queue};
const ModelKind kStack{"stack",
                       "a stack, last in first out: push, pop (nil = it was empty), peek, length",
                       {"linearizable", kSequential},
                       {},
                       check_stack};
const ModelKind kPriorityQueue{
    "priority-queue",
    "a queue that gives the least integer: insert, remove-min (nil = it was empty), peek, length",
    {"linearizable", kSequential},
    {},
    check_priority_queue};
const ModelKind kSet{"set",
                     "a set: add, remove, contains (true or false), read of all elements, length",
                     {"linearizable", kSequential},
                     {},
                     check_set};

}  // namespace fracas::checker
