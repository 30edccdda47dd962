#pragma once
#include "checker/readers/reading.h"

namespace fracas::checker {

// Maps of :type, :process, :f, :value and, where there are, :time, :key, :node, :error; one after the other, or in one
// vector or list, tagged or not: {:type :invoke, :process 0, :f :read, :value nil}. Other members are skipped.
Result<Reading> read_edn(const Text& text, const ReadOptions& options);

}  // namespace fracas::checker
