#include "checker/models/register_kinds.h"

#include "checker/check.h"

namespace fracas::checker {
namespace {

Result<CheckResult> check_register(const History& history, const Request& request) {
  return check_linearizable(history, {.reg = {.cas = false, .fail = request.fail}}, "register", request);
}

Result<CheckResult> check_cas_register(const History& history, const Request& request) {
  return check_linearizable(history, {.reg = {.cas = true, .fail = request.fail}}, "cas-register", request);
}

}  // namespace

const ModelKind kRegister{
    "register", "one value a key, nil at first: read, write", {"linearizable"}, {}, check_register};
const ModelKind kCasRegister{"cas-register",
                             "a register with compare-and-set: read, write, cas [expected new]",
                             {"linearizable"},
                             {},
                             check_cas_register};

}  // namespace fracas::checker
