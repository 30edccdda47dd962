#pragma once
#include "checker/model_kind.h"

namespace fracas::checker {

extern const ModelKind kTotalQueue;  // enqueue, dequeue, drain
extern const ModelKind kSetFull;     // add, read
extern const ModelKind kSiblings;    // read, write

}  // namespace fracas::checker
