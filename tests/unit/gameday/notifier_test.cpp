#include "controller/gameday/notifier.h"

#include <nlohmann/json.hpp>

#include "lib/model/gameday.h"
#include "lib/model/gameday.pb.h"
#include "tests/catch/catch.h"
#include "tests/unit/gameday/sample_plan.h"

using namespace fracas;
using namespace fracas::controller::gameday;
using namespace std::chrono;

namespace {

const std::string kWebhook =
    "[[notify]]\nkind = \"webhook\"\nurl = \"https://ops:word@chat.example:8443/hooks/secret\"\nheaders = [\"X-Team: "
    "storage\"]\non = [\"started\", \"run-ended\"]\n";
const std::string kCommand = "[[notify]]\nkind = \"command\"\ncommand = [\"/bin/false\", \"--team\", \"storage\"]\n";

std::string plan_text(const std::string& notify) {
  return "name = \"drill\"\n" + notify + "[[experiment]]\nfile = \"first.toml\"\n";
}

model::Notification recipient(const std::string& notify) {
  const auto file = model::read_gameday_text(plan_text(notify), "day.toml");
  if (!file) FAIL(file.error().message);
  return file->plan().notify(0);
}

News news(const std::string& text) {
  return {.plan_text = plan_text(kCommand),
          .said = {.day = "drill", .what = Happening::run_ended, .text = text},
          .at = sys_days(year(2026) / 11 / 21) + hours(12) + milliseconds(7)};
}

}  // namespace

TEST_CASE("notifier: a webhook gets a JSON object, whatever the text is", "[unit][gameday]") {
  const model::ProbeSpec probe = delivery(recipient(kWebhook), news("\"1 of 2\": pass\n\xff"));
  REQUIRE(probe.has_http());
  CHECK(probe.http().url() == "https://ops:word@chat.example:8443/hooks/secret");
  CHECK(probe.http().method() == "POST");
  CHECK(probe.http().headers(0) == "X-Team: storage");
  CHECK(probe.http().headers(1) == "Content-Type: application/json");
  CHECK(probe.timeout().seconds() == 5);
  const auto body = nlohmann::json::parse(probe.http().body(), nullptr, false);
  CHECK(body["gameday"] == "drill");
  CHECK(body["event"] == "run-ended");
  CHECK(body["text"].get<std::string>().starts_with("\"1 of 2\": pass\n"));
  CHECK(body["at"] == "2026-11-21T12:00:00.007Z");
}

TEST_CASE("notifier: a command gets it as its last words", "[unit][gameday]") {
  const model::ProbeSpec probe = delivery(recipient(kCommand), news("1 of 2: pass"));
  REQUIRE(probe.has_command());
  const std::vector<std::string> words(probe.command().command().begin(), probe.command().command().end());
  CHECK(words == std::vector<std::string>{"/bin/false", "--team", "storage", "drill", "run-ended", "1 of 2: pass",
                                          "2026-11-21T12:00:00.007Z"});
}

TEST_CASE("notifier: a recipient hears what it asked for, or everything", "[unit][gameday]") {
  CHECK(wants(recipient(kWebhook), Happening::run_ended));
  CHECK_FALSE(wants(recipient(kWebhook), Happening::stopped));
  CHECK(wants(recipient(kCommand), Happening::missed));
}

TEST_CASE("notifier: plans tell recipients without what is secret of an address", "[unit][gameday]") {
  CHECK(describe_recipient(recipient(kWebhook)) == "webhook https://chat.example:8443: started, run-ended");
  CHECK(describe_recipient(recipient(kCommand)) == "command /bin/false: everything");
  CHECK(fracas::tests::sample_plan("day", kWebhook + kCommand).recipients.size() == 2);
}

TEST_CASE("notifier: events are written as the vocabulary writes them", "[unit][gameday]") {
  std::string all;
  for (int i = 0; i < model::Happening_ARRAYSIZE; ++i)
    all += "\"" + std::string(text_of(static_cast<Happening>(i))) + "\",";
  const auto file = model::read_gameday_text(
      plan_text("[[notify]]\nkind = \"command\"\ncommand = [\"/bin/true\"]\non = [" + all + "]\n"), "day.toml");
  if (!file) FAIL(file.error().message);
  for (int i = 0; i < model::Happening_ARRAYSIZE; ++i) CHECK(file->plan().notify(0).on(i) == i);
}

TEST_CASE("notifier: news beyond its bound are told as lost, and its end waits for none", "[unit][gameday]") {
  std::size_t lost = 0;
  {
    Notifier notifier([&](const std::string& day, const std::string& why) {
      CHECK(day == "drill");
      if (why == "run-ended: too many news wait already") ++lost;
    });
    for (std::size_t i = 0; i < Notifier::kWaitingMax + 10; ++i) notifier.tell(news("it"));
  }
  CHECK(lost >= 9);  // one may be on its way
}
