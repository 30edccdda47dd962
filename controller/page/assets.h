#pragma once
#include <span>
#include <string_view>

// The page, as the build put it into the binary (.incbin) from web/dist, where Vite put it from web/src. Everything
// lives as long as the program. Thread: any.
namespace fracas::controller {

// A file that `fracas serve` answers with.
struct PageAsset {
  std::string_view path;  // as asked for: "/", "/assets/app.js", "/assets/app.css", "/assets/favicon.svg"
  std::string_view type;  // its Content-Type
  std::string_view body;
};

std::span<const PageAsset> page_assets();

// nullptr: there is no such file.
const PageAsset* find_page_asset(std::string_view path);

// The Content-Security-Policy under which the page works: nothing but its own files, and no inline script or style.
std::string_view page_policy();

// report.html with the marks @TITLE@ and @DATA@, each once, in this order; the policy that stands in it names its own
// script and style by their hashes, so those two must not be changed.
std::string_view report_template();

}  // namespace fracas::controller
