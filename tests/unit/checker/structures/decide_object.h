#pragma once
#include <numeric>
#include <string_view>

#include "checker/catalogue.h"
#include "checker/structures/counter.h"
#include "checker/structures/element_registers.h"
#include "checker/structures/fenced_lock.h"
#include "checker/structures/fifo_queue.h"
#include "checker/structures/growing_set.h"
#include "checker/structures/permits.h"
#include "checker/structures/priority_queue.h"
#include "checker/structures/stack.h"
#include "tests/unit/checker/structures/machine.h"

namespace fracas::checker::tests {

inline std::string_view model_of(Object object) {
  switch (object) {
    case Object::fifo_queue:
      return "fifo-queue";
    case Object::stack:
      return "stack";
    case Object::priority_queue:
      return "priority-queue";
    case Object::semaphore:
      return "semaphore";
    case Object::fenced_lock:
    case Object::plain_lock:
      return "fenced-lock";
    case Object::counter:
      return "counter";
    case Object::set:
      return "set";
    case Object::log:
      return "log";
  }
  return {};
}

// What the model says of the whole history, whichever way it finds out.
inline CheckResult judge_object(const History& history, Object object) {
  Request request;
  if (object == Object::semaphore) request.parameters["permits"] = std::to_string(kPermits);
  return check(history, **find_model(model_of(object)), request).value();
}

// The near-linear procedures that give a witness; an empty one where there is none.
inline std::vector<std::uint32_t> witness_of(const History& history, Object object) {
  std::vector<std::uint32_t> operations(history.operations.size());
  std::iota(operations.begin(), operations.end(), 0U);
  switch (object) {
    case Object::semaphore:
      return decide_permits(history, operations, kPermits).value().witness;
    case Object::fenced_lock:
      return decide_fenced_lock(history, holdings_of(history, operations).value()).witness;
    case Object::counter:
      return decide_counter(history, counter_steps(history, operations).value(), 0).witness;
    case Object::set:
      return only_grows(history, operations) ? decide_growing_set(history, operations).witness
                                             : std::vector<std::uint32_t>{};
    default:
      return {};
  }
}

}  // namespace fracas::checker::tests
