#include "controller/target/adapter.h"

#include <fmt/format.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

using model::EventType;
using nlohmann::json;

constexpr Duration kStartMax = std::chrono::seconds(2);  // what the program may take before it reads its first line
constexpr Duration kCloseMax = std::chrono::milliseconds(200);
constexpr std::size_t kShownMax = 80;  // bytes of a wrong line that are shown

std::string text_of(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t milliseconds(Duration duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(duration).count();
}

// The answer to request `id`. ERRORS: what is wrong with the line.
Result<json> parse_answer(const std::string& line, std::uint64_t id) {
  json answer = json::parse(line, nullptr, false);
  std::string wrong;
  if (!answer.is_object()) {
    wrong = "no JSON object";
  } else if (answer.value("id", json()) != json(id)) {
    wrong = fmt::format("no answer with \"id\": {}", id);
  } else {
    const std::string type = text_of(answer, "type");
    if (type != "ok" && type != "fail" && type != "info") wrong = "no \"type\" of ok, fail or info";
  }
  if (wrong.empty()) return answer;
  // What is no UTF-8 must not end up in a history.
  const std::string shown = json(line.substr(0, kShownMax)).dump(-1, ' ', true, json::error_handler_t::replace);
  return failure(fmt::format("wrote {}{}, which is {}", shown, line.size() > kShownMax ? "..." : "", wrong));
}

}  // namespace

Result<Adapter> Adapter::open(const AdapterOptions& options, const std::string& node, Duration timeout) {
  const std::string who = "adapter " + options.argv.front();
  auto process = os::LineProcess::start({.argv = options.argv, .errors = options.errors});
  if (!process) return failure(std::move(process).error().context(who));
  Adapter adapter(std::move(*process));
  const json request{{"op", "open"}, {"node", node}, {"nodes", options.nodes}, {"timeout_ms", milliseconds(timeout)}};
  auto line = adapter.ask(request.dump(), timeout + kStartMax);
  if (!line) return failure(std::move(line).error().context(who + " was to open " + node));
  const json answer = json::parse(*line);
  if (text_of(answer, "type") != "ok")
    return failure(fmt::format("{} cannot open {}: {}", who, node, text_of(answer, "error")));
  adapter.opened_ = true;
  return adapter;
}

Adapter::~Adapter() {
  if (usable_ && opened_) static_cast<void>(ask(R"({"op":"close"})", kCloseMax));
}

Result<std::string> Adapter::ask(const std::string& request, Duration timeout) {
  const std::int64_t deadline_ns = os::boot_now_ns() + timeout.count();
  const std::uint64_t id = ++requests_;
  usable_ = false;
  // The number stands first in the object.
  const std::string line = fmt::format("{{\"id\":{},{}", id, request.substr(1));
  // What one that no longer listens has written before tells more than that it does not.
  if (auto sent = process_.send(line, deadline_ns); !sent && sent.error().code != EPIPE)
    return failure(std::move(sent).error());
  auto received = process_.receive(deadline_ns);
  if (!received) return failure(std::move(received).error());
  if (auto answer = parse_answer(*received, id); !answer) return failure(std::move(answer).error());
  usable_ = true;
  return received;
}

Answer Adapter::invoke(const Call& call, Duration timeout) {
  const std::string request =
      fmt::format(R"({{"op":"invoke","f":"{}","key":{},"value":{},"timeout_ms":{}}})", model::name(call.function),
                  json(call.key).dump(), model::to_json(call.value), milliseconds(timeout));
  auto line = ask(request, timeout);
  if (!line) return {.type = EventType::info, .value = {}, .node = {}, .error = "the adapter: " + line.error().message};
  const json reply = json::parse(*line);
  const std::string type = text_of(reply, "type");
  Answer answer{.type = EventType::info, .value = {}, .node = text_of(reply, "node"), .error = text_of(reply, "error")};
  if (type == "fail") answer.type = EventType::fail;
  if (type != "ok") return answer;
  answer.type = EventType::ok;
  if (const auto value = reply.find("value"); value != reply.end())
    answer.value = model::value_of_json(value->dump(), call.function);
  return answer;
}

std::string Adapter::role(Duration timeout) {
  const auto line = usable_ ? ask(R"({"op":"role"})", timeout) : Result<std::string>(failure("it is not usable"));
  return line ? text_of(json::parse(*line), "value") : std::string();
}

}  // namespace fracas::controller
