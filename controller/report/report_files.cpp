#include "controller/report/report_files.h"

#include "controller/report/effects_jsonl.h"
#include "controller/report/junit.h"
#include "controller/report/report_html.h"
#include "controller/report/verdict_json.h"
#include "lib/os/file.h"

namespace fracas::controller {

Status write_reports(const RunRecord& record, const std::filesystem::path& folder) {
  Status result;
  const auto write = [&](const char* file, const std::string& content) {
    auto status = os::write_file_durably(folder / file, content);
    if (!status && result) result = failure(std::move(status).error().context("writing the report"));
  };
  write("effects.jsonl", write_effects(record.faults));
  write("verdict.json", verdict_json(record));
  write("junit.xml", junit_xml(record));
  write("report.html", report_html(record));
  return result;
}

}  // namespace fracas::controller
