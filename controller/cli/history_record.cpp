#include "controller/cli/history_record.h"

#include <utility>

namespace fracas::controller {

RunRecord record_of_history(const std::string& name, checker::CheckResult result, bool worked) {
  RunRecord record;
  record.name = name;
  record.outcome = Outcome::pass;
  record.reason = worked ? "every check holds" : "every check holds, but no operation succeeded";
  if (result.verdict == checker::Verdict::violated) {
    record.outcome = Outcome::violated;
    record.reason = result.kind + ": " + result.summary;
  } else if (result.verdict == checker::Verdict::undecided) {
    record.outcome = Outcome::undecided;
    record.reason = result.kind + ": " + result.summary;
  }
  record.checks.push_back(std::move(result));
  return record;
}

}  // namespace fracas::controller
