#include "controller/page/assets.h"

#include <algorithm>
#include <array>

// Defined by the assembler file that controller/CMakeLists.txt generates; each file lies between its two labels.
extern "C" {
extern const char fracas_page_index[];
extern const char fracas_page_index_end[];
extern const char fracas_page_script[];
extern const char fracas_page_script_end[];
extern const char fracas_page_style[];
extern const char fracas_page_style_end[];
extern const char fracas_page_icon[];
extern const char fracas_page_icon_end[];
extern const char fracas_page_report[];
extern const char fracas_page_report_end[];
}

namespace fracas::controller {

std::span<const PageAsset> page_assets() {
  static const std::array<PageAsset, 4> kAssets{
      {{"/", "text/html; charset=utf-8", {&fracas_page_index[0], &fracas_page_index_end[0]}},
       {"/assets/app.js", "text/javascript; charset=utf-8", {&fracas_page_script[0], &fracas_page_script_end[0]}},
       {"/assets/app.css", "text/css; charset=utf-8", {&fracas_page_style[0], &fracas_page_style_end[0]}},
       {"/assets/favicon.svg", "image/svg+xml", {&fracas_page_icon[0], &fracas_page_icon_end[0]}}}};
  return kAssets;
}

const PageAsset* find_page_asset(std::string_view path) {
  const auto assets = page_assets();
  const auto found =
      std::find_if(assets.begin(), assets.end(), [&](const PageAsset& each) { return each.path == path; });
  return found == assets.end() ? nullptr : &*found;
}

std::string_view page_policy() {
  return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
         "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

std::string_view report_template() {
  return {&fracas_page_report[0], &fracas_page_report_end[0]};
}

}  // namespace fracas::controller
