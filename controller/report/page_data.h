#pragma once
#include <string>

#include "controller/report/run_record.h"

// The data that report.html carries and the page (web/src) draws. Times are whole microseconds since the start of the
// warm-up. Members: tone, verdict, sentence, name, doc, meta, stats, facts, replay, version (texts for the page); span,
// phases, faults, lanes with states, buckets, operations (columns, or null) with outcome_counts, checks, notices.
namespace fracas::controller {

// One JSON object, safe inside <script>: no '<', no U+2028 or U+2029, always valid UTF-8.
std::string page_data(const RunRecord& record);

}  // namespace fracas::controller
