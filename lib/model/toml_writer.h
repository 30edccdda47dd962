#pragma once
#include <string>

namespace google::protobuf {
class Message;
}

namespace fracas::model {

// A message as canonical TOML: every key that is set, in the order of the model, tables after plain keys. What
// read_message makes of it equals the message. REQUIRES: it is one that read_message could have made.
std::string write_message(const google::protobuf::Message& source);

}  // namespace fracas::model
