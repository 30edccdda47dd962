#include "checker/explain/lanes.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/explain/text.h"

namespace fracas::checker {
namespace {

constexpr std::size_t kSlotMin = 2;  // columns between two events

struct Bar {
  std::size_t begin = 0, end = 0;  // positions among the distinct event times
  bool open = false;
  std::string label;
  std::string client;
};

std::vector<Bar> bars_of(const std::vector<ShownOperation>& operations) {
  std::vector<std::int64_t> times;
  for (const ShownOperation& operation : operations) {
    times.push_back(operation.invoke_ns);
    if (operation.return_ns != kNever) times.push_back(operation.return_ns);
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  const auto position = [&](std::int64_t at) {
    return static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), at) - times.begin());
  };
  std::vector<Bar> bars;
  for (const ShownOperation& operation : operations) {
    Bar bar{position(operation.invoke_ns), times.size(), operation.return_ns == kNever, describe_operation(operation),
            operation.client};
    if (!bar.open) bar.end = std::max(position(operation.return_ns), bar.begin + 1);
    bars.push_back(std::move(bar));
  }
  return bars;
}

// Columns a step, so that every label fits into its bar.
std::size_t slot_width(const std::vector<Bar>& bars) {
  std::size_t width = kSlotMin;
  for (const Bar& bar : bars) width = std::max(width, (bar.label.size() + 5) / (bar.end - bar.begin) + 1);
  return width;
}

void draw(std::string& row, const Bar& bar, std::size_t slot) {
  const std::size_t begin = bar.begin * slot, length = (bar.end - bar.begin) * slot;
  if (row.size() < begin) row.resize(begin, ' ');
  const std::size_t dashes = length - 2 - bar.label.size();
  row += '|' + std::string(dashes / 2, '-') + bar.label + std::string(dashes - dashes / 2, '-');
  row += bar.open ? "···>" : "|";
}

}  // namespace

std::vector<std::string> render_lanes(const std::vector<ShownOperation>& operations, std::size_t width_max) {
  const std::vector<Bar> bars = bars_of(operations);
  const std::size_t slot = slot_width(bars);
  std::vector<std::pair<std::string, std::string>> rows;  // client, drawing
  std::size_t name_width = 0;
  for (const Bar& bar : bars) {
    name_width = std::max(name_width, bar.client.size());
    if (bar.end * slot + bar.client.size() > width_max) return {};
    auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.first == bar.client; });
    if (row == rows.end()) row = rows.insert(rows.end(), {bar.client, {}});
    draw(row->second, bar, slot);
  }
  std::vector<std::string> lines;
  for (const auto& [client, drawing] : rows) lines.push_back(fmt::format("{:<{}} {}", client, name_width, drawing));
  return lines;
}

std::string render_moment(const Counterexample& example, std::int64_t at) {
  if (at == kNever) return "never";
  if (!example.timed) return fmt::format("event {}", at + 1);
  return fmt::format("{:.6f} s", static_cast<double>(at - example.run_start_ns) / 1e9);
}

std::vector<std::string> render_operations(const Counterexample& example) {
  std::vector<std::string> lines;
  for (const ShownOperation& operation : example.operations)
    lines.push_back(fmt::format("{:>14} - {:>14}  {:<6} {:<6} {}", render_moment(example, operation.invoke_ns),
                                render_moment(example, operation.return_ns), operation.client, operation.node,
                                describe_operation(operation)));
  return lines;
}

}  // namespace fracas::checker
