#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "controller/report/report_files.h"
#include "controller/report/summary.h"
#include "tests/unit/controller/report_sample.h"

// Writes reports of sample runs into FOLDER/passed, FOLDER/violated, …: for the browser test, and to look at them.
namespace {

using fracas::controller::Outcome;
using fracas::controller::RunRecord;
namespace sample = fracas::controller::sample;

// A run that never started: no operation, no fault, no phases, and names that try to break out of the page.
RunRecord nasty() {
  RunRecord record;
  record.name = "</script><script>document.title='broken'</script>";
  record.doc = "<img src=x onerror=\"document.title='broken'\"> & \xE2\x80\xA8 \x01 \xFF @DATA@";
  record.outcome = Outcome::could_not_run;
  record.reason = "n3 did not start: <b>exit 1</b>";
  record.hosts = {"n1", "<i>n2</i>"};
  record.leftovers = {"network namespace </script>"};
  return record;
}

RunRecord large() {
  RunRecord record = sample::passed(0);
  record.name = "large";
  record.history = sample::history(43, 4800, 200);
  return record;
}

bool write(const std::filesystem::path& folder, const RunRecord& record) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const auto status = fracas::controller::write_reports(record, folder);
  if (!status) std::fprintf(stderr, "%s\n", status.error().message.c_str());
  const auto path = (folder / "report.html").string();
  std::fputs(fracas::controller::summary(record, {.colour = false, .report_path = path}).c_str(), stdout);
  return status.has_value();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: report_samples FOLDER\n", stderr);
    return 6;
  }
  const std::filesystem::path folder = argv[1];
  const bool written = write(folder / "passed", sample::passed()) && write(folder / "violated", sample::violated()) &&
                       write(folder / "nasty", nasty()) && write(folder / "large", large());
  return written ? 0 : 5;
}
