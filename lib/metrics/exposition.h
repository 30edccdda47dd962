#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fracas::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Numbers as Prometheus reads them: its text format, version 0.0.4. Source: prometheus.io/docs/instrumenting.
class Exposition {
 public:
  Exposition();
  Exposition(Exposition&&) noexcept;
  ~Exposition();

  // A value of a family, which comes to be with its first. REQUIRES: the values of a family follow each other.
  void counter(std::string_view name, std::string_view help, double value, Labels labels = {});
  void gauge(std::string_view name, std::string_view help, double value, Labels labels = {});
  // A family that has no value yet is told of as well: its help stands there.
  void empty_counter(std::string_view name, std::string_view help);
  // This process's memory and time, under the names that every client of Prometheus uses.
  void process();

  std::string text() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

// Of the answer that carries the text.
inline constexpr const char* kMediaType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace fracas::metrics
