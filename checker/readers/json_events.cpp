#include "checker/readers/json_events.h"

namespace fracas::checker {

JsonEvents::Member JsonEvents::member_of(std::string_view name) {
  switch (name.size()) {
    case 1:
      return name[0] == 'f' ? Member::function : Member::other;
    case 3:
      return name == "key" ? Member::key : Member::other;
    case 4:
      if (name == "time") return Member::time;
      if (name == "type") return Member::type;
      return name == "node" ? Member::node : Member::other;
    case 5:
      if (name == "error") return Member::error;
      return name == "value" ? Member::value : Member::other;
    case 7:
      return name == "process" ? Member::process : Member::other;
    default:
      return Member::other;
  }
}

bool JsonEvents::read(JsonScanner& scan, Values& values, EventFields& event) {
  seen_ = 0;
  if (!scan.expect('{')) return false;
  bool more = scan.peek() != '}';
  while (more) {
    std::string_view name;
    if (!scan.text(name, name_storage_) || !scan.expect(':') || !read_member(scan, values, member_of(name), event))
      return false;
    more = scan.peek() == ',';
    if (more) scan.skip_character();
  }
  return scan.expect('}') && (scan.at_end() || scan.peek() == '\0' || scan.expect('\n'));
}

bool JsonEvents::read_member(JsonScanner& scan, Values& values, Member member, EventFields& event) {
  if (member == Member::other) return scan.skip_value();
  const unsigned bit = 1U << static_cast<unsigned>(member);
  if ((seen_ & bit) != 0) return scan.fail("the event has two members of this name");
  seen_ |= bit;
  switch (member) {
    case Member::time:
      if (scan.null()) return true;
      return scan.integer(event.time_ns.emplace());
    case Member::process:
      return scan.name(event.process, storage_[0]);
    case Member::type:
      return scan.name(event.type, storage_[1]);
    case Member::function:
      return scan.name(event.function, storage_[2]);
    case Member::node:
      return scan.name(event.node, storage_[3]);
    case Member::error:
      return read_error(scan, event);
    case Member::key:
      return scan.value(values, event.key);
    default:
      return scan.value(values, event.value);
  }
}

// Other tools put lists and maps there; that it is not empty is all that matters of them.
bool JsonEvents::read_error(JsonScanner& scan, EventFields& event) {
  const char first = scan.peek();
  if (first == '"' || first == 'n') return scan.name(event.error, storage_[4]);
  event.error = "error";
  return scan.skip_value();
}

}  // namespace fracas::checker
