#pragma once
#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "lib/base/result.h"

namespace fracas::controller {

// Whom to tell the outcome of a call: called once, on whatever thread has it first, which it must not hold up.
template <typename T>
using Done = std::function<void(Result<T>)>;

// Starts a call and waits for its outcome. REQUIRES: a call that ends, as those with a deadline do.
template <typename T>
Result<T> wait_for(const std::function<void(Done<T>)>& start) {
  // Shared, because the other thread may still be in set_value() when this one has its value.
  const auto outcome = std::make_shared<std::promise<Result<T>>>();
  start([outcome](Result<T> result) { outcome->set_value(std::move(result)); });
  return outcome->get_future().get();
}

}  // namespace fracas::controller
