#include "checker/explain/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "checker/explain/dead_ends.h"
#include "checker/explain/fault_context.h"
#include "checker/explain/lanes.h"
#include "checker/explain/svg_canvas.h"
#include "checker/explain/text.h"
#include "checker/explain/time_axis.h"

namespace fracas::checker {
namespace {

constexpr double kMargin = 18;
constexpr double kLane = 54;
constexpr double kBarTop = 24;  // in its lane; the label stands above
constexpr double kBarHeight = 18;
constexpr double kWidthMin = 720;
constexpr std::size_t kLabelColumns = 34;

struct Bar {
  const ShownOperation* operation = nullptr;
  std::string label;
  std::size_t lane = 0;
  double begin = 0, end = 0;
  bool open = false, refused = false;
  double middle = 0;  // y
};

class Lanes {
 public:
  explicit Lanes(const Counterexample& example) : example_(example), operations_(example.operations) {
    for (const model::NodeEvent& event : example.events)  // of Raft's nodes: moments without a length
      operations_.push_back({event.node,
                             {},
                             std::string(model::name(event.type)),
                             fmt::format("term {} index {}", event.term, event.index),
                             {},
                             Outcome::ok,
                             event.time_ns,
                             event.time_ns});
  }

  std::string draw() {
    place();
    double y = canvas_.paragraph(kMargin, 30, width_ - 2 * kMargin, example_.sentence, "bold");
    if (!example_.fault_sentence.empty())
      y = canvas_.paragraph(kMargin, y, width_ - 2 * kMargin, example_.fault_sentence, "faint");
    top_ = y + 12;
    bottom_ = top_ + static_cast<double>(clients_.size()) * kLane;
    for (Bar& bar : bars_) bar.middle = top_ + static_cast<double>(bar.lane) * kLane + kBarTop + kBarHeight / 2;
    draw_faults();
    draw_lanes();
    draw_marks();
    draw_path();
    draw_times();
    y = bottom_ + 46;
    for (const std::string& line : render_marks(example_))
      y = canvas_.paragraph(kMargin, y, width_ - 2 * kMargin, line, "faint");
    for (const std::string& line : render_dead_ends(example_))
      y = canvas_.paragraph(kMargin, y, width_ - 2 * kMargin, line, line.starts_with("then ") ? "bad" : "ink");
    return std::move(canvas_).finish(width_, y, example_.sentence);
  }

 private:
  void place() {
    std::size_t name_columns = 2;
    for (const ShownOperation& each : operations_) {
      if (std::find(clients_.begin(), clients_.end(), each.client) == clients_.end()) clients_.push_back(each.client);
      name_columns = std::max(name_columns, std::min<std::size_t>(columns_of(each.client), 16));
    }
    left_ = kMargin + static_cast<double>(name_columns) * SvgCanvas::kColumn + 14;
    std::vector<std::int64_t> moments;
    for (const ShownOperation& each : operations_) {
      moments.push_back(each.invoke_ns);
      if (each.return_ns != kNever) moments.push_back(each.return_ns);
    }
    first_ns_ = *std::min_element(moments.begin(), moments.end());
    last_ns_ = *std::max_element(moments.begin(), moments.end());
    for (const ShownMoment& mark : example_.marks)
      if (mark.time_ns > first_ns_) moments.push_back(mark.time_ns);
    for (const ShownFault& fault : example_.faults) {
      moments.push_back(std::clamp(fault.start_ns, first_ns_, last_ns_));
      moments.push_back(std::clamp(fault.end_ns, first_ns_, last_ns_));
    }
    axis_.emplace(std::move(moments), left_ + 18);
    measure();
  }

  void measure() {
    std::vector<const ShownOperation*> last(clients_.size(), nullptr);
    for (const ShownOperation& each : operations_) {
      const auto lane =
          static_cast<std::size_t>(std::find(clients_.begin(), clients_.end(), each.client) - clients_.begin());
      Bar bar{&each, label_of(each), lane, 0, 0, each.return_ns == kNever, false, 0};
      // The label may hang over the end of its bar, up to the next one of its lane.
      if (last[lane]) axis_->demand(last[lane]->invoke_ns, each.invoke_ns, label_width(*last[lane]) + 10);
      last[lane] = &each;
      bars_.push_back(std::move(bar));
    }
    axis_->settle(kWidthMin - 150);
    right_ = axis_->end() + 40;
    for (Bar& bar : bars_) {
      bar.begin = axis_->x(bar.operation->invoke_ns);
      right_ = std::max(right_, bar.begin + static_cast<double>(columns_of(bar.label)) * SvgCanvas::kColumn);
    }
    for (Bar& bar : bars_) bar.end = bar.open ? right_ : std::max(axis_->x(bar.operation->return_ns), bar.begin + 12);
    for (const DeadEnd& end : example_.dead_ends)
      for (const DeadEnd::Refusal& refusal : end.refusals) bars_[refusal.operation].refused = true;
    if (example_.dead_ends.empty())  // what showed the violation
      for (Bar& bar : bars_) bar.refused = bars_.size() > 1 && bar.operation->return_ns == example_.moment_ns;
    width_ = std::max(kWidthMin, right_ + kMargin);
  }

  static std::string label_of(const ShownOperation& operation) {
    return shortened(describe_operation(operation) + describe_node(operation), kLabelColumns);
  }
  static double label_width(const ShownOperation& operation) {
    return static_cast<double>(columns_of(label_of(operation))) * SvgCanvas::kColumn;
  }

  void draw_faults() {
    double name_free = 0;
    for (const ShownFault& fault : example_.faults) {
      const double from = fault.start_ns <= first_ns_ ? left_ : axis_->x(std::min(fault.start_ns, last_ns_));
      const double to = fault.end_ns >= last_ns_ ? right_ : axis_->x(fault.end_ns);
      canvas_.rectangle(from, top_, std::max(4.0, to - from), bottom_ - top_ + 24, "band");
      canvas_.rectangle(from, bottom_ + 20, std::max(4.0, to - from), 4, "bandtop");
      const std::string name = shortened(fault.id + ": " + fault.what, 60);
      if (from >= name_free) canvas_.text(from + 4, bottom_ + 16, name, "small faint");
      name_free = std::max(name_free, from + static_cast<double>(columns_of(name)) * SvgCanvas::kColumn);
    }
  }

  void draw_marks() {
    for (const ShownMoment& mark : example_.marks)
      if (mark.time_ns > first_ns_)
        canvas_.line(axis_->x(mark.time_ns), top_, axis_->x(mark.time_ns), bottom_, "mark dashed");
  }

  void draw_lanes() {
    for (std::size_t lane = 0; lane < clients_.size(); ++lane) {
      const double y = top_ + static_cast<double>(lane) * kLane;
      canvas_.text(left_ - 10, y + kBarTop + 13, shortened(clients_[lane], 16), "bold end");
      canvas_.line(left_, y + kLane - 2, right_, y + kLane - 2, "rule");
    }
    for (const Bar& bar : bars_) {
      const double y = bar.middle - kBarHeight / 2;
      canvas_.rectangle(bar.begin, y, bar.end - bar.begin, kBarHeight,
                        bar.refused ? "badbar"
                        : bar.open  ? "open"
                                    : "bar");
      canvas_.text(bar.begin, y - 5, bar.label, bar.refused ? "bad bold" : "ink");
    }
  }

  // The first of the longest orders, as points in the bars at which each operation can have taken effect.
  void draw_path() {
    if (example_.dead_ends.empty()) return;
    const DeadEnd& end = example_.dead_ends.front();
    struct Point {
      double x, y;
    };
    std::vector<Point> points;
    double cursor = left_;
    for (const DeadEnd::Step& step : end.order) {
      const Bar& bar = bars_[step.operation];
      const double x = std::max(bar.begin + 6, std::min(std::max(cursor + 20, bar.begin + 11), bar.end - 9));
      points.push_back({x, bar.middle});
      cursor = x;
    }
    std::string data;
    for (const Point& point : points)
      data += fmt::format("{}{:.1f} {:.1f}", data.empty() ? 'M' : 'L', point.x, point.y);
    if (points.size() > 1) canvas_.path(data, "path");
    for (const DeadEnd::Refusal& refusal : end.refusals) {
      const Bar& bar = bars_[refusal.operation];
      const double x = std::max(bar.begin + 6, std::min(std::max(cursor + 24, bar.begin + 11), bar.end - 9));
      const Point from = points.empty() ? Point{left_, bar.middle} : points.back();
      canvas_.path(fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", from.x, from.y, x, bar.middle), "bad dashed");
      canvas_.path(fmt::format("M{0:.1f} {2:.1f}L{1:.1f} {3:.1f}M{0:.1f} {3:.1f}L{1:.1f} {2:.1f}", x - 5, x + 5,
                               bar.middle - 5, bar.middle + 5),
                   "bad");
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      canvas_.circle(points[i].x, points[i].y, 8, "dot");
      canvas_.text(points[i].x, points[i].y + 4, fmt::format("{}", i + 1), "ondot middle");
    }
  }

  void draw_times() {
    double free = 0;
    for (const std::int64_t at : axis_->moments()) {
      const double x = axis_->x(at);
      if (x < free) continue;
      const std::string text = render_moment(example_, at);
      canvas_.line(x, bottom_, x, bottom_ + 5, "rule");
      canvas_.text(x, top_ - 2, text, "small faint");
      free = x + static_cast<double>(text.size()) * SvgCanvas::kColumn + 8;
    }
  }

  const Counterexample& example_;
  std::vector<ShownOperation> operations_;
  std::vector<std::string> clients_;
  std::vector<Bar> bars_;
  std::optional<TimeAxis> axis_;
  SvgCanvas canvas_;
  std::int64_t first_ns_ = 0, last_ns_ = 0;
  double left_ = 0, right_ = 0, width_ = 0, top_ = 0, bottom_ = 0;
};

}  // namespace

std::string draw(const Counterexample& example) {
  if (!example.cycle.empty()) return draw_cycle(example);
  if (example.operations.empty() && example.events.empty()) return {};
  return Lanes(example).draw();
}

}  // namespace fracas::checker
