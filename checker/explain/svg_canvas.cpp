#include "checker/explain/svg_canvas.h"

#include <fmt/format.h>

#include <algorithm>

namespace fracas::checker {
namespace {

constexpr double kLineHeight = 19;

constexpr std::string_view kStyle = R"(
.fx{font:13px ui-sans-serif,system-ui,sans-serif;--fx-ink:#1c2530;--fx-faint:#5d6b7a;--fx-line:#d5dce4;--fx-paper:#fff;--fx-bar:#5b8fc9;--fx-bad:#c2352b;--fx-path:#157a4a;--fx-band:#e0992b}
@media (prefers-color-scheme:dark){.fx{--fx-ink:#e6ebf1;--fx-faint:#9aa8b7;--fx-line:#36424f;--fx-paper:#161c23;--fx-bar:#4f7fb5;--fx-bad:#ff7468;--fx-path:#4cc38a;--fx-band:#e0a84c}}
.fx .paper{fill:var(--fx-paper)}
.fx text{fill:var(--fx-ink)}
.fx .faint{fill:var(--fx-faint)}
.fx .small{font-size:12px}
.fx .bold{font-weight:600}
.fx .middle{text-anchor:middle}
.fx .end{text-anchor:end}
.fx .rule{stroke:var(--fx-line)}
.fx .mark{stroke:var(--fx-faint);stroke-width:1.5}
.fx .bar{fill:var(--fx-bar);fill-opacity:.75}
.fx .open{fill:var(--fx-bar);fill-opacity:.25;stroke:var(--fx-bar);stroke-dasharray:5 3}
.fx .badbar{fill:var(--fx-bad);fill-opacity:.25;stroke:var(--fx-bad);stroke-width:2}
.fx text.bad{fill:var(--fx-bad)}
.fx path.bad{stroke:var(--fx-bad);stroke-width:2;fill:none}
.fx .dashed{stroke-dasharray:5 4}
.fx .path{stroke:var(--fx-path);stroke-width:2;fill:none}
.fx .dot{fill:var(--fx-path)}
.fx text.ondot{fill:var(--fx-paper);font-size:11px;font-weight:700}
.fx .band{fill:var(--fx-band);fill-opacity:.16}
.fx .bandtop{fill:var(--fx-band)}
.fx .box{fill:none;stroke:var(--fx-faint)}
)";

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// How many bytes the UTF-8 sequence at the start of `text` has; 0 where it is none.
std::size_t sequence_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  return std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length), is_continuation) ? length
                                                                                                            : 0;
}

std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const char c = text[0];
    if (length > 1) {
      result += text.substr(0, length);
    } else if (length == 0 || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      result += "�";
    } else {
      result += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end)
    if (!is_continuation(text[end]) && ++seen == columns) break;
  return std::string(text.substr(0, end)) + "…";
}

void SvgCanvas::rectangle(double x, double y, double width, double height, std::string_view classes) {
  body_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"3\" class=\"{}\"/>\n",
                       x, y, width, height, classes);
}

void SvgCanvas::line(double x1, double y1, double x2, double y2, std::string_view classes) {
  body_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1, x2, y2,
                       classes);
}

void SvgCanvas::path(std::string_view data, std::string_view classes) {
  body_ += fmt::format("<path d=\"{}\" class=\"{}\"/>\n", data, classes);
}

void SvgCanvas::circle(double x, double y, double radius, std::string_view classes) {
  body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" class=\"{}\"/>\n", x, y, radius, classes);
}

void SvgCanvas::text(double x, double y, std::string_view text, std::string_view classes) {
  body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\">{}</text>\n", x, y, classes, escaped(text));
}

double SvgCanvas::paragraph(double x, double y, double width, std::string_view text, std::string_view classes) {
  const auto columns = static_cast<std::size_t>(std::max(20.0, width / kColumn));
  while (!text.empty()) {
    std::size_t end = text.size();
    if (columns_of(text) > columns) {
      end = shortened(text, columns).size() - std::string_view("…").size();
      if (const std::size_t space = text.rfind(' ', end); space != std::string_view::npos && space > 0) end = space;
    }
    this->text(x, y, text.substr(0, end), classes);
    text.remove_prefix(std::min(text.size(), end));
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    y += kLineHeight;
  }
  return y;
}

std::string SvgCanvas::finish(double width, double height, std::string_view title) && {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"fx\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 "
      "{0:.0f} "
      "{1:.0f}\" role=\"img\">\n<title>{2}</title>\n<style>{3}</style>\n<rect class=\"paper\" width=\"100%\" "
      "height=\"100%\"/>\n{4}</svg>\n",
      width, height, escaped(title), kStyle, body_);
}

}  // namespace fracas::checker
