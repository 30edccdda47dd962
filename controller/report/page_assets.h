#pragma once
#include <string_view>

// The readable sources of the report's page, web/report/*, as the build put them into the binary (.incbin).
namespace fracas::controller {

std::string_view page_html();
std::string_view page_css();
std::string_view page_js();

}  // namespace fracas::controller
