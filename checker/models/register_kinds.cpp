#include "checker/models/register_kinds.h"

#include <charconv>
#include <optional>

#include "checker/check.h"

namespace fracas::checker {
namespace {

constexpr std::string_view kNil = "nil";

// A whole number, nil, or else a text.
std::optional<Value> initial_value(const History& history, const Request& request) {
  const std::string_view text = request.parameter("initial").value_or(kNil);
  if (text == kNil) return Value{};
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool fits = number >= Value::kIntegerMin && number <= Value::kIntegerMax;
  if (error == std::errc() && end == text.data() + text.size() && fits) return Value::of(number);
  return history.values.find_text(text);
}

KeyRules rules_of(const History& history, const Request& request, bool cas) {
  return {.reg = {.cas = cas, .fail = request.fail, .initial = initial_value(history, request)}};
}

Result<CheckResult> check_register(const History& history, const Request& request) {
  return check_linearizable(history, rules_of(history, request, false), "register", request);
}

Result<CheckResult> check_cas_register(const History& history, const Request& request) {
  return check_linearizable(history, rules_of(history, request, true), "cas-register", request);
}

const ModelParameter kInitialValue{"initial", "what every key holds at first: a whole number, nil or a text", kNil};

}  // namespace

const ModelKind kRegister{
    "register", "one value a key: read, write", {"linearizable"}, {kInitialValue}, check_register};
const ModelKind kCasRegister{"cas-register",
                             "a register with compare-and-set: read, write, cas [expected new]",
                             {"linearizable"},
                             {kInitialValue},
                             check_cas_register};

}  // namespace fracas::checker
