#pragma once
#include <string>
#include <vector>

namespace fracas::bench {

// What a measured value must reach.
struct Goal {
  enum class Side { none, at_most, at_least };
  Side side = Side::none;  // none: a baseline, or a figure for comparison
  double bound = 0;
};
inline Goal at_most(double bound) {
  return {Goal::Side::at_most, bound};
}
inline Goal at_least(double bound) {
  return {Goal::Side::at_least, bound};
}

// The table of a benchmark: each line is printed as soon as it is measured. Thread: one.
class Report {
 public:
  // Says on which machine and when.
  void begin();
  void heading(const std::string& text);
  void add(const std::string& what, double value, const std::string& unit, Goal goal = {});
  // Says why a line is not there.
  void skip(const std::string& what, const std::string& why);
  // Prints how many goals were reached.
  void summarise() const;
  // {kernel, processors, date, lines}; each line is {group, what, value, unit, goal, reached}, or {group, what,
  // skipped}. False: the file cannot be written.
  bool write_json(const std::string& path) const;

 private:
  struct Line {
    std::string group;
    std::string what;
    double value = 0;
    std::string unit;
    Goal goal;
    std::string skipped;  // why; empty: measured
  };
  std::string kernel_;
  std::string date_;
  unsigned processors_ = 0;
  std::string group_;
  std::vector<Line> lines_;
};

}  // namespace fracas::bench
