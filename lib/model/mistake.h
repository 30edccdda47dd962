#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

// Where things stand in a user's file, and what is wrong there.
namespace fracas::model {

// A position in a text the user wrote: a file, or an override from the command line, which has no lines.
struct Place {
  std::string source;        // "experiment.toml", or "--set workload.rate=fast"
  std::uint32_t line = 0;    // from 1; 0 = the source has no lines
  std::uint32_t column = 0;  // from 1, in characters

  // "experiment.toml:3:7", or "--set workload.rate=fast".
  std::string text() const;
};

// All that is wrong with an experiment, as one line each.
class Mistakes {
 public:
  void add(const Place& place, std::string_view what);
  bool empty() const { return mistakes_.empty(); }
  // The lines "file:line:column: what" in the order of the file, overrides last, joined by newlines.
  Error error() const;

 private:
  struct Mistake {
    Place place;
    std::string what;
  };
  std::vector<Mistake> mistakes_;
};

// Where each key of a document stands, by its dotted path: "fault[0].on", "target.options.bugs[1]", "" for the whole.
class Places {
 public:
  void set(const std::string& path, Place place) { places_.insert_or_assign(path, std::move(place)); }
  // The place of the value at `path`, or of the innermost table or list around it that the user wrote.
  // REQUIRES: the place of "" is set.
  const Place& find(std::string_view path) const;

 private:
  std::map<std::string, Place, std::less<>> places_;
};

}  // namespace fracas::model
