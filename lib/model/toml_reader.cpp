#include "lib/model/toml_reader.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/field_rules.h"
#include "lib/model/suggest.h"
#include "lib/model/toml_scalar.h"

namespace fracas::model {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;

void set_duration(pb::Message& field_value, Duration duration) {
  // Safe: every message of this type in our vocabulary is generated code.
  auto& proto = static_cast<pb::Duration&>(field_value);
  proto.set_seconds(duration.count() / 1'000'000'000);
  proto.set_nanos(static_cast<std::int32_t>(duration.count() % 1'000'000'000));
}

pb::Message& sub_message(pb::Message& owner, const FieldDescriptor& key) {
  const pb::Reflection& reflection = *owner.GetReflection();
  return key.is_repeated() ? *reflection.AddMessage(&owner, &key) : *reflection.MutableMessage(&owner, &key);
}

// Sets a field, or adds to a repeated one, what set and add do for each type.
class Store {
 public:
  Store(pb::Message& owner, const FieldDescriptor& key) : owner_(owner), key_(key) {}

  void operator()(const std::string& text) const {
    if (key_.is_repeated()) return reflection().AddString(&owner_, &key_, text);
    reflection().SetString(&owner_, &key_, text);
  }
  void operator()(bool flag) const {
    if (key_.is_repeated()) return reflection().AddBool(&owner_, &key_, flag);
    reflection().SetBool(&owner_, &key_, flag);
  }
  void operator()(std::uint64_t number) const {
    if (key_.cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
      if (key_.is_repeated()) return reflection().AddUInt64(&owner_, &key_, number);
      return reflection().SetUInt64(&owner_, &key_, number);
    }
    if (key_.is_repeated()) return reflection().AddUInt32(&owner_, &key_, static_cast<std::uint32_t>(number));
    reflection().SetUInt32(&owner_, &key_, static_cast<std::uint32_t>(number));
  }
  void operator()(double number) const {
    if (key_.is_repeated()) return reflection().AddDouble(&owner_, &key_, number);
    reflection().SetDouble(&owner_, &key_, number);
  }
  void operator()(Duration duration) const { set_duration(sub_message(owner_, key_), duration); }
  void operator()(int choice_number) const {
    if (key_.is_repeated()) return reflection().AddEnumValue(&owner_, &key_, choice_number);
    reflection().SetEnumValue(&owner_, &key_, choice_number);
  }

 private:
  const pb::Reflection& reflection() const { return *owner_.GetReflection(); }
  pb::Message& owner_;
  const FieldDescriptor& key_;
};

// A key that a table may have, and the message its value goes to.
struct Slot {
  const FieldDescriptor* key = nullptr;
  pb::Message* owner = nullptr;
};

std::string join_path(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

const Slot* find_slot(const std::vector<Slot>& slots, const std::string& name) {
  const auto found =
      std::find_if(slots.begin(), slots.end(), [&](const Slot& slot) { return slot.key->name() == name; });
  return found == slots.end() ? nullptr : &*found;
}

void add_slots(std::vector<Slot>& slots, pb::Message& owner) {
  const pb::Descriptor& type = *owner.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    if (is_alternative(*type.field(i))) continue;
    if (is_flat(*type.field(i))) {
      add_slots(slots, sub_message(owner, *type.field(i)));
    } else {
      slots.push_back(Slot{.key = type.field(i), .owner = &owner});
    }
  }
}

bool has_key(const pb::Descriptor& type, const std::string& key) {
  for (int i = 0; i < type.field_count(); ++i)
    if (is_flat(*type.field(i)) ? has_key(*type.field(i)->message_type(), key) : type.field(i)->name() == key)
      return true;
  return false;
}

bool some_alternative_has(const pb::OneofDescriptor& alternatives, const std::string& key) {
  for (int i = 0; i < alternatives.field_count(); ++i)
    if (has_key(*alternatives.field(i)->message_type(), key)) return true;
  return false;
}

class Reader {
 public:
  Reader(Mistakes& mistakes, Places& places) : mistakes_(mistakes), places_(places) {}

  void table(const TomlTable& table, const Place& place, pb::Message& owner, const std::string& path) {
    std::vector<Slot> slots;
    add_slots(slots, owner);
    const pb::OneofDescriptor* alternatives = choice_by_kind(*owner.GetDescriptor());
    if (alternatives == nullptr) return entries(table, place, slots, path, {});

    const FieldDescriptor* chosen = kind(table, place, *alternatives, path);
    const std::string& inner = rule_of(*alternatives).table();
    if (chosen == nullptr) return unchosen(table, slots, path, *alternatives);
    pb::Message& member = *owner.GetReflection()->MutableMessage(&owner, chosen);
    if (inner.empty()) {
      add_slots(slots, member);
      return entries(table, place, slots, path, {"kind"});
    }
    inner_table(table, place, member, path, inner);
    std::vector<std::string> others{"kind", inner};
    for (const TomlEntry& entry : table.entries) {
      if (!has_key(*member.GetDescriptor(), entry.key)) continue;
      wrong(entry.key_place,
            fmt::format("\"{}\" belongs into {}: {} = {{ {} = ... }}", entry.key, inner, inner, entry.key));
      others.push_back(entry.key);
    }
    entries(table, place, slots, path, others);
  }

 private:
  void wrong(const Place& place, const std::string& what) { mistakes_.add(place, what); }

  // The member that `kind` names, or null after saying what is wrong with it.
  const FieldDescriptor* kind(const TomlTable& table, const Place& place, const pb::OneofDescriptor& alternatives,
                              const std::string& path) {
    const std::vector<std::string> kinds = written_kinds(alternatives);
    const TomlEntry* entry = table.find("kind");
    if (entry == nullptr) {
      wrong(place, "missing key \"kind\"" + suggestion("", kinds));
      return nullptr;
    }
    places_.set(join_path(path, "kind"), entry->node.place);
    const auto* text = std::get_if<std::string>(&entry->node.value);
    if (text == nullptr) {
      wrong(entry->node.place, fmt::format("kind must be a text in quotes, not {}", type_name(entry->node)));
      return nullptr;
    }
    for (std::size_t i = 0; i < kinds.size(); ++i)
      if (kinds[i] == *text) return alternatives.field(static_cast<int>(i));
    wrong(entry->node.place, fmt::format("unknown kind \"{}\"{}", *text, suggestion(*text, kinds)));
    return nullptr;
  }

  // Without a kind its keys cannot be checked; those that no kind has are wrong all the same.
  void unchosen(const TomlTable& table, const std::vector<Slot>& slots, const std::string& path,
                const pb::OneofDescriptor& alternatives) {
    for (const TomlEntry& entry : table.entries) {
      if (const Slot* slot = find_slot(slots, entry.key)) {
        places_.set(join_path(path, entry.key), entry.node.place);
        value(entry.node, *slot, join_path(path, entry.key));
      } else if (entry.key != "kind" && entry.key != rule_of(alternatives).table() &&
                 !some_alternative_has(alternatives, entry.key)) {
        unknown(entry, slots, {"kind"});
      }
    }
  }

  void inner_table(const TomlTable& outer, const Place& place, pb::Message& member, const std::string& path,
                   const std::string& name) {
    const TomlEntry* entry = outer.find(name);
    if (entry == nullptr) return table(TomlTable{}, place, member, join_path(path, name));
    places_.set(join_path(path, name), entry->node.place);
    const auto* inner = std::get_if<TomlTable>(&entry->node.value);
    if (inner != nullptr) return table(*inner, entry->node.place, member, join_path(path, name));
    wrong(entry->node.place, fmt::format("{} must be a table, not {}", name, type_name(entry->node)));
  }

  // Reads what is there, says what is unknown, and fills in what is not there. `others` are known keys that are no
  // slots.
  void entries(const TomlTable& table, const Place& place, const std::vector<Slot>& slots, const std::string& path,
               const std::vector<std::string>& others) {
    std::vector<std::string> meant;  // a mistyped key is not missing as well
    for (const TomlEntry& entry : table.entries) {
      if (std::find(others.begin(), others.end(), entry.key) != others.end()) continue;
      const Slot* slot = find_slot(slots, entry.key);
      if (slot == nullptr) {
        meant.push_back(unknown(entry, slots, others));
        continue;
      }
      const std::string inside = join_path(path, entry.key);
      places_.set(inside, entry.node.place);
      value(entry.node, *slot, inside);
    }
    for (const Slot& slot : slots) {
      const bool mistyped = std::find(meant.begin(), meant.end(), slot.key->name()) != meant.end();
      if (!mistyped && table.find(slot.key->name()) == nullptr) absent(slot, place, path);
    }
  }

  // Says so, and returns the key that was probably meant.
  std::string unknown(const TomlEntry& entry, const std::vector<Slot>& slots, const std::vector<std::string>& others) {
    std::vector<std::string> known = others;
    for (const Slot& slot : slots) known.push_back(slot.key->name());
    wrong(entry.key_place, fmt::format("unknown key \"{}\"{}", entry.key, suggestion(entry.key, known)));
    return nearest(entry.key, known);
  }

  void absent(const Slot& slot, const Place& place, const std::string& path) {
    const FieldRule& rule = rule_of(*slot.key);
    const Form form = form_of(*slot.key);
    const bool is_table = form == Form::table && !slot.key->is_repeated();
    if (rule.required()) {
      wrong(place, is_table ? fmt::format("missing table [{}]", join_path(path, slot.key->name()))
                            : fmt::format("missing key \"{}\"", slot.key->name()));
    } else if (is_table && rule.optional()) {
      return;
    } else if (is_table) {
      table(TomlTable{}, place, sub_message(*slot.owner, *slot.key), join_path(path, slot.key->name()));
    } else if (!rule.default_().empty()) {
      TomlNode node;
      node.value = rule.default_();
      if (form == Form::seed) return seed(node, slot, rule.default_());
      std::visit(Store(*slot.owner, *slot.key), scalar_of(rule.default_(), *slot.key));
    }
  }

  void value(const TomlNode& node, const Slot& slot, const std::string& path) {
    if (!slot.key->is_repeated()) return one(node, slot, path);
    const auto* array = std::get_if<TomlArray>(&node.value);
    if (array == nullptr) {
      const std::string& name = slot.key->name();
      const bool tables = form_of(*slot.key) == Form::table && std::holds_alternative<TomlTable>(node.value);
      return wrong(node.place, tables ? fmt::format("write [[{}]], not [{}]: there may be several", name, name)
                                      : fmt::format("{} must be a list, not {}", name, type_name(node)));
    }
    for (std::size_t i = 0; i < array->size(); ++i) {
      const std::string element = fmt::format("{}[{}]", path, i);
      places_.set(element, (*array)[i].place);
      one((*array)[i], slot, element);
    }
  }

  // One value, or one element of a list.
  void one(const TomlNode& node, const Slot& slot, const std::string& path) {
    switch (form_of(*slot.key)) {
      case Form::seed:
        return seed(node, slot, path);
      case Form::recurrence:
        return recurrence(node, slot, path);
      case Form::list: {
        pb::Message& list = sub_message(*slot.owner, *slot.key);
        return value(node, Slot{.key = list.GetDescriptor()->field(0), .owner = &list}, path);
      }
      case Form::table: {
        const auto* inner = std::get_if<TomlTable>(&node.value);
        if (inner != nullptr) return table(*inner, node.place, sub_message(*slot.owner, *slot.key), path);
        const bool is_list = std::holds_alternative<TomlArray>(node.value);
        if (rule_of(*slot.key).shorthand() && !is_list) return shorthand(node, slot, path);
        return wrong(node.place, fmt::format("{} must be a table, not {}", slot.key->name(), type_name(node)));
      }
      default:
        break;
    }
    const auto scalar = read_scalar(node, *slot.key);
    if (!scalar) return wrong(node.place, scalar.error().message);
    std::visit(Store(*slot.owner, *slot.key), *scalar);
  }

  // A value alone where a table may stand: its first key.
  void shorthand(const TomlNode& node, const Slot& slot, const std::string& path) {
    pb::Message& owner = sub_message(*slot.owner, *slot.key);
    TomlTable alone;
    alone.entries.push_back({.key = owner.GetDescriptor()->field(0)->name(), .key_place = node.place, .node = node});
    table(alone, node.place, owner, path);
  }

  void seed(const TomlNode& node, const Slot& slot, const std::string& path) {
    auto& drawn = static_cast<Seed&>(sub_message(*slot.owner, *slot.key));
    const auto* number = std::get_if<std::int64_t>(&node.value);
    if (number != nullptr && *number >= 0) return drawn.set_value(static_cast<std::uint64_t>(*number));
    const auto* text = std::get_if<std::string>(&node.value);
    if (text != nullptr && *text == "random") return drawn.set_random(true);
    // TOML's numbers have 63 bits and a seed has 64: large ones are written as texts of digits.
    const bool digits = text != nullptr && !text->empty() && text->size() <= 20 &&
                        text->find_first_not_of("0123456789") == std::string::npos;
    std::uint64_t large = 0;
    if (digits && std::from_chars(text->data(), text->data() + text->size(), large).ec == std::errc())
      return drawn.set_value(large);
    wrong(node.place, fmt::format("{} must be a whole number from 0, or \"random\"", path));
  }

  void recurrence(const TomlNode& node, const Slot& slot, const std::string& path) {
    pb::Message& gap = sub_message(*slot.owner, *slot.key);
    const pb::Descriptor& type = *gap.GetDescriptor();
    const auto* inner = std::get_if<TomlTable>(&node.value);
    if (inner == nullptr) {  // a duration alone means the first: always the same gap
      const auto scalar = read_scalar(node, *type.field(0));
      if (scalar) return std::visit(Store(gap, *type.field(0)), *scalar);
      return wrong(node.place,
                   std::holds_alternative<std::string>(node.value)
                       ? scalar.error().message
                       : slot.key->name() + " is a duration like \"6s\", or a table like { poisson = \"6s\" }");
    }
    if (inner->entries.size() != 1)
      return wrong(node.place, fmt::format("{} has exactly one of fixed, uniform, poisson", slot.key->name()));
    table(*inner, node.place, gap, path);
  }

  Mistakes& mistakes_;
  Places& places_;
};

}  // namespace

void read_message(const TomlNode& root, pb::Message& target, Mistakes& mistakes, Places& places) {
  const auto* table = std::get_if<TomlTable>(&root.value);
  ensure(table != nullptr, "a document's root is a table");
  places.set("", root.place);
  Reader(mistakes, places).table(*table, root.place, target, "");
}

}  // namespace fracas::model
