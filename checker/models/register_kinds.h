#pragma once
#include "checker/model_kind.h"

namespace fracas::checker {

extern const ModelKind kRegister;     // read, write
extern const ModelKind kCasRegister;  // read, write, cas

}  // namespace fracas::checker
