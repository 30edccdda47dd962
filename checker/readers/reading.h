#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/history/history.h"
#include "checker/model_kind.h"
#include "checker/readers/format.h"
#include "lib/base/result.h"

// How histories come in: one file of this folder a format. Readers are pure: bytes in, a History out.
//
// In every format the order of the lines is the order of the events; recorded times tell how long things took. Where a
// time is before that of the line above (clients' threads write their lines a little late), the line counts as not
// earlier, and a note says so; by more than a second, the file is refused, because it cannot be in order.
// Without times, or when all are the same, events are numbered and History::timed is false.
namespace fracas::checker {

// What is read. Borrowed for the call.
struct Text {
  std::string_view name;  // of the file, for messages
  std::string_view bytes;
};

struct ReadOptions {
  // The value of every operation is [key value], as Jepsen's independent generators write it.
  bool keyed_values = false;
  // A completion without an invocation is accepted: an operation invoked at an unknown time before it.
  bool completions_only = false;
  // Called now and then with the number of leading bytes that are not needed any more; may be empty.
  std::function<void(std::size_t)> consumed;
};

struct Reading {
  History history;
  Format format = Format::json_lines;
  std::vector<std::string> notes;  // sentences on what a reader decided about the file
};

// Reads a history in `format`. ERRORS: "NAME:LINE:COLUMN: what" where the text is not of the format, "NAME:LINE: what"
// where an event breaks the rules of histories (checker/history/history_builder.h).
Result<Reading> read_history(const Text& text, Format format, const ReadOptions& options);

// What a failed operation means in histories of this format, unless the user says otherwise.
FailMeans fail_meaning(Format format);

}  // namespace fracas::checker
