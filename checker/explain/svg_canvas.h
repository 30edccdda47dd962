#pragma once
#include <string>
#include <string_view>

namespace fracas::checker {

// Columns that stand on the screen: bytes that continue a UTF-8 sequence take none.
std::size_t columns_of(std::string_view text);
// At most `columns` of them, with "…" where something was left out.
std::string shortened(std::string_view text, std::size_t columns);

// An SVG picture that is growing. Lengths are pixels, y goes down. Classes are those of kStyle in the source: ink,
// faint, bar, open, bad, path, band, label, small, bold. Texts are escaped, and bytes that are no UTF-8 replaced.
class SvgCanvas {
 public:
  static constexpr double kColumn = 7.2;  // about the width of one letter of a label

  void rectangle(double x, double y, double width, double height, std::string_view classes);
  void line(double x1, double y1, double x2, double y2, std::string_view classes);
  void path(std::string_view data, std::string_view classes);  // `data` as in SVG's attribute d
  void circle(double x, double y, double radius, std::string_view classes);
  // Begins at x, or is centred there with the class "middle", or ends there with "end"; y is the base line.
  void text(double x, double y, std::string_view text, std::string_view classes);
  // Lines of at most `width` pixels, broken at spaces; returns the base line after the last.
  double paragraph(double x, double y, double width, std::string_view text, std::string_view classes);

  // The whole picture. `title` is what a screen reader says.
  std::string finish(double width, double height, std::string_view title) &&;

 private:
  std::string body_;
};

}  // namespace fracas::checker
