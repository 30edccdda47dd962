#include <fmt/format.h>

#include <algorithm>

#include "checker/explain/picture.h"
#include "checker/explain/svg_canvas.h"
#include "checker/explain/text.h"

namespace fracas::checker {
namespace {

constexpr double kMargin = 18;
constexpr double kWidth = 860;
constexpr double kLeft = 70;  // of the boxes; the edge that closes the circle runs left of them
constexpr double kBox = 48;
constexpr std::size_t kColumns = 104;

void arrow_head(SvgCanvas& canvas, double x, double y, double across, double down) {
  canvas.path(fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}", x - across - down * 5,
                          y - down * 7 - across * 5, x, y, x - across + down * 5, y - down * 7 + across * 5),
              "path");
}

}  // namespace

std::string draw_cycle(const Counterexample& example) {
  SvgCanvas canvas;
  double y = canvas.paragraph(kMargin, 30, kWidth - 2 * kMargin, example.sentence, "bold") + 4;
  if (!example.fault_sentence.empty())
    y = canvas.paragraph(kMargin, y, kWidth - 2 * kMargin, example.fault_sentence, "faint") + 4;
  double first = 0, last = 0;  // the middle of the first and of the last box
  for (std::size_t i = 0; i < example.cycle.size(); ++i) {
    const CycleEdge& edge = example.cycle[i];
    const ShownOperation& from = example.operations[edge.from];
    canvas.rectangle(kLeft, y, kWidth - kLeft - kMargin, kBox, "box");
    canvas.text(kLeft + 12, y + 19, fmt::format("T{} of process {}{}", i + 1, from.client, describe_node(from)),
                "bold");
    canvas.text(kLeft + 12, y + 38, shortened(describe_operation(from), kColumns), "ink");
    last = y + kBox / 2;
    if (i == 0) first = last;
    y += kBox;
    const bool closing = i + 1 == example.cycle.size();
    const double before = y;
    y = canvas.paragraph(kLeft + 48, y + 21, kWidth - kLeft - 48 - kMargin, fmt::format("{}: {}", edge.label, edge.why),
                         closing ? "bad" : "ink");
    if (closing) break;
    canvas.path(fmt::format("M{0:.1f} {1:.1f}V{2:.1f}", kLeft + 30, before, y), "path");
    arrow_head(canvas, kLeft + 30, y, 0, 1);
  }
  const double turn = kLeft - 34;
  canvas.path(fmt::format("M{0:.1f} {1:.1f}H{2:.1f}V{3:.1f}H{4:.1f}", kLeft, last, turn, first, kLeft - 2), "bad");
  canvas.path(fmt::format("M{0:.1f} {1:.1f}L{2:.1f} {3:.1f}L{0:.1f} {4:.1f}", kLeft - 9, first - 5, kLeft - 2, first,
                          first + 5),
              "bad");
  return std::move(canvas).finish(kWidth, y + 10, example.sentence);
}

}  // namespace fracas::checker
