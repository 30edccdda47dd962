#pragma once
#include "checker/model_kind.h"

namespace fracas::checker::isolation {

// Transactions over lists that grow ("append", "r") and over registers ("w", "r"), judged by their dependencies; the
// parameters and names are those of Elle. The answer says which levels hold and which fail, whatever was asked for.
// Lists without transactions are judged by check_linearizable where the strongest level is asked for.
Result<CheckResult> check_list_append(const History& history, const Request& request);
Result<CheckResult> check_rw_register(const History& history, const Request& request);

extern const ModelKind kListAppend;
extern const ModelKind kRwRegister;

// Are there transactions in the history, and not only operations of one step each?
bool has_transactions(const History& history);

}  // namespace fracas::checker::isolation
