#pragma once
#include "checker/model_kind.h"

namespace fracas::checker {

extern const ModelKind kKeyValue;       // read (get), write (put), append of texts, cas, delete; apart by key
extern const ModelKind kMultiRegister;  // read, write, and txn of both over several keys

}  // namespace fracas::checker
