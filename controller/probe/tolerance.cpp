#include "controller/probe/tolerance.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "lib/base/text.h"
#include "lib/model/probe.pb.h"

namespace fracas::controller {
namespace {

using nlohmann::json;

constexpr std::size_t kShown = 80;

// The begin of it, on one line.
std::string shown(std::string_view text) {
  text = trimmed(text);
  std::string start(text.substr(0, kShown));
  for (char& c : start)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return fmt::format("\"{}{}\"", start, text.size() > kShown ? "…" : "");
}

// "~1" stands for "/", and "~0" for "~" (RFC 6901).
std::string unescaped(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1');
    text += escape ? (token[++i] == '1' ? '/' : '~') : token[i];
  }
  return text;
}

const json* element(const json& value, const std::string& token) {
  if (value.is_object()) {
    const auto found = value.find(token);
    return found == value.end() ? nullptr : &*found;
  }
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool whole = error == std::errc() && end == token.data() + token.size();
  return value.is_array() && whole && index < value.size() ? &value[index] : nullptr;
}

// What the pointer points to; null: nothing.
const json* find(const json& document, std::string_view pointer) {
  const json* at = &document;
  while (at != nullptr && !pointer.empty()) {
    pointer.remove_prefix(1);  // of the slash
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    at = element(*at, unescaped(pointer.substr(0, end)));
    pointer.remove_prefix(end);
  }
  return at;
}

Judged in_range(const model::Tolerance& tolerance, const std::string& answer) {
  const std::string_view text = trimmed(answer);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {.says = shown(answer) + " is not a number"};
  if (tolerance.has_min() && !(number >= tolerance.min()))
    return {.value = number, .says = fmt::format("{:g} is below {:g}", number, tolerance.min())};
  if (tolerance.has_max() && !(number <= tolerance.max()))
    return {.value = number, .says = fmt::format("{:g} is above {:g}", number, tolerance.max())};
  return {.passed = true, .value = number, .says = fmt::format("{:g}", number)};
}

Judged judge_text(const model::Tolerance& tolerance, const std::string& answer) {
  if (!tolerance.matches().empty() && !RE2::PartialMatch(answer, RE2(tolerance.matches(), RE2::Quiet)))
    return {.says = fmt::format("{} does not match {}", shown(answer), tolerance.matches())};
  if (!tolerance.equals().empty() && trimmed(answer) != trimmed(tolerance.equals()))
    return {.says = fmt::format("{} is not \"{}\"", shown(answer), tolerance.equals())};
  if (tolerance.has_min() || tolerance.has_max()) return in_range(tolerance, answer);
  return {.passed = true, .says = shown(answer)};
}

}  // namespace

Judged judge(const model::Tolerance& tolerance, const std::string& answer) {
  if (tolerance.json().empty()) return judge_text(tolerance, answer);
  const json document = json::parse(answer, nullptr, false);
  if (document.is_discarded()) return {.says = shown(answer) + " is not JSON"};
  const json* value = find(document, tolerance.json());
  if (value == nullptr) return {.says = fmt::format("no {} in the answer", tolerance.json())};
  return judge_text(tolerance, value->is_string() ? value->get<std::string>()
                                                  : value->dump(-1, ' ', false, json::error_handler_t::replace));
}

bool asks(const model::Tolerance& tolerance) {
  return !tolerance.matches().empty() || !tolerance.json().empty() || !tolerance.equals().empty() ||
         tolerance.has_min() || tolerance.has_max();
}

Status check_tolerance(const model::Tolerance& tolerance) {
  const RE2 expression(tolerance.matches(), RE2::Quiet);
  if (!expression.ok()) return failure("matches: " + expression.error());
  if (tolerance.has_min() && tolerance.has_max() && tolerance.min() > tolerance.max())
    return failure(fmt::format("min {:g} is above max {:g}", tolerance.min(), tolerance.max()));
  return {};
}

}  // namespace fracas::controller
