#pragma once
#include "checker/isolation/proof.h"
#include "checker/isolation/views.h"

namespace fracas::checker::isolation {

// A broken view in words: its cycle, and for each inferred step who saw both. REQUIRES: answer.broken.
Proof prove_view(const Observations& observations, const ViewQuestion& question, const ViewAnswer& answer,
                 const ExplainEdge& explain);

}  // namespace fracas::checker::isolation
