#pragma once
#include "lib/model/mistake.h"
#include "lib/model/toml_document.h"

namespace google::protobuf {
class Message;
}

namespace fracas::model {

// Fills a message from a TOML table, guided by nothing but its descriptor and our options: keys, kinds, forms, units,
// ranges, defaults. Adds every mistake it finds, and the place of every key. Without mistakes the message is complete:
// what was absent has its default. REQUIRES: `root` is a table, `target` is empty.
void read_message(const TomlNode& root, google::protobuf::Message& target, Mistakes& mistakes, Places& places);

}  // namespace fracas::model
