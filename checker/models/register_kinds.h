#pragma once
#include "checker/model_kind.h"

namespace fracas::checker {

extern const ModelKind kRegister;     // read, write
extern const ModelKind kCasRegister;  // read, write, cas
extern const ModelKind kListAppend;   // append, read of the whole list

}  // namespace fracas::checker
