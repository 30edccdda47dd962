#pragma once
#include <string>
#include <vector>

#include "controller/classify/conclude.h"

// A classification as people and programs read it. Pure.
namespace fracas::controller::classify {

struct Report {
  std::string target;   // "quorum, 5 nodes"
  std::string options;  // "mode = lww", as the experiment sets them; may be empty
  std::string world;    // "sim"
  std::string weakest;  // the weakest options in words; empty where there are none
  Classification classification;
  std::vector<Measured> runs;
  std::vector<std::string> folders;  // by run: its directory; empty where it was not kept
};

// Markdown that also reads well at a terminal: statements first, then the trials and the evidence.
std::string to_markdown(const Report& report);

// The same for programs; `format` is 1 and grows when a member changes its meaning. With a newline at its end.
std::string to_json(const Report& report);

// "consistent (CP)", "latency (EL)".
std::string_view name(Cap cap);
std::string_view name(Pacelc pacelc);

}  // namespace fracas::controller::classify
