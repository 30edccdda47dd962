#include "checker/history/answered.h"

#include "checker/history/history_builder.h"

namespace fracas::checker {

bool answered(const model::Event& completion) {
  return completion.type == model::EventType::ok || answered_mismatch(completion);
}

bool answered_mismatch(const model::Event& completion) {
  return completion.type == model::EventType::fail && completion.function == model::Function::cas &&
         says_mismatch(Function::cas, completion.error);
}

}  // namespace fracas::checker
