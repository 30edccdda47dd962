#pragma once
#include <string>
#include <string_view>

#include "controller/report/run_record.h"

// `junit.xml`: a run as CI systems show it. One test suite a run with these test cases:
//   verdict    fails unless the exit code is 0; an error where nothing could be judged (aborted, could not run, bad
//   input) check: K   fails when violated, unless a violation is expected; an error when undecided fault: ID  "had an
//   effect": fails when it had none; skipped then if the run was cut short clean-up   an error that lists what was left
//   behind; skipped when the input was bad, as nothing was touched
// Source: the schema that Ant, Jenkins, GitLab and GitHub's readers share (testsuites > testsuite > testcase).
namespace fracas::controller {

std::string junit_xml(const RunRecord& record);

// Text for XML 1.0, in elements and in attributes: markup escaped, and what XML cannot hold (control characters,
// surrogates, broken UTF-8) replaced by U+FFFD. Line breaks and tabs survive as character references.
std::string xml_escape(std::string_view text);

}  // namespace fracas::controller
