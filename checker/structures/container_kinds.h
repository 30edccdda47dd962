#pragma once
#include "checker/model_kind.h"

namespace fracas::checker {

extern const ModelKind kFifoQueue;      // enqueue, dequeue
extern const ModelKind kStack;          // push, pop
extern const ModelKind kPriorityQueue;  // insert, remove-min
extern const ModelKind kSet;            // add, remove, contains, read

}  // namespace fracas::checker
