#pragma once
#include "checker/model_kind.h"

namespace fracas::checker {

extern const ModelKind kCounter;     // add, decrement, read
extern const ModelKind kMutex;       // acquire, release
extern const ModelKind kSemaphore;   // acquire, release
extern const ModelKind kFencedLock;  // acquire, which answers with a token; release
extern const ModelKind kLog;         // append, poll
extern const ModelKind kUniqueIds;   // generate
extern const ModelKind kMonotonic;   // generate, read
extern const ModelKind kEcho;        // echo

}  // namespace fracas::checker
