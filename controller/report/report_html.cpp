#include "controller/report/report_html.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "controller/page/assets.h"
#include "controller/report/headline.h"
#include "controller/report/junit.h"
#include "controller/report/page_data.h"
#include "lib/base/ensure.h"

namespace fracas::controller {

std::string report_html(const RunRecord& record) {
  const std::string title = xml_escape(fmt::format("{}: {}", record.name, headline(record).verdict));
  const std::string data = page_data(record);
  const std::array<std::pair<std::string_view, std::string_view>, 2> parts{{{"@TITLE@", title}, {"@DATA@", data}}};

  // The marks stand in this order, each once. What was filled in is not searched again: data may contain a mark's name.
  std::string html;
  std::string_view rest = report_template();
  for (const auto& [mark, content] : parts) {
    const std::size_t at = rest.find(mark);
    ensure(at != std::string_view::npos, "the template has every mark, in order");
    html.append(rest.substr(0, at)).append(content);
    rest.remove_prefix(at + mark.size());
  }
  return html.append(rest);
}

std::string_view data_of_report(std::string_view html) {
  constexpr std::string_view kBegin = R"(<script type="application/json" id="data">)";
  const std::size_t begin = html.find(kBegin);
  if (begin == std::string_view::npos) return {};
  html.remove_prefix(begin + kBegin.size());
  return html.substr(0, html.find('<'));  // page_data() holds no '<'
}

}  // namespace fracas::controller
