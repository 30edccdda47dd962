#include "controller/report/page_assets.h"

// Defined by the assembler file that controller/CMakeLists.txt generates; each file lies between its two labels.
extern "C" {
extern const char fracas_page_html[];
extern const char fracas_page_html_end[];
extern const char fracas_page_css[];
extern const char fracas_page_css_end[];
extern const char fracas_page_js[];
extern const char fracas_page_js_end[];
}

namespace fracas::controller {

std::string_view page_html() {
  return {&fracas_page_html[0], &fracas_page_html_end[0]};
}
std::string_view page_css() {
  return {&fracas_page_css[0], &fracas_page_css_end[0]};
}
std::string_view page_js() {
  return {&fracas_page_js[0], &fracas_page_js_end[0]};
}

}  // namespace fracas::controller
