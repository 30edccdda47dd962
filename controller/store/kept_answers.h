#pragma once
#include <string>
#include <variant>

#include "lib/base/result.h"

namespace fracas::controller {

class Database;

// Answers to requests that carried a key, so that one that is sent again is answered without being done again. A key is
// its user's own. Kept for a day, and the latest kKeptAnswersMax of all.
inline constexpr std::int64_t kKeptAnswersMax = 10'000;

struct RequestKey {
  std::string who;
  std::string key;
};

struct KeptAnswer {
  int status = 200;
  std::string media;
  std::string body;
};

// What is known of a key: it is now the caller's, who does the request and then keeps its answer or frees the key; it
// belongs to another request; the same request is being done, or was when its controller ended; its answer.
enum class KeyState : std::uint8_t { claimed, of_another, at_work };
using Claim = std::variant<KeyState, KeptAnswer>;

// `sha256` stands for everything the request says. ERRORS: the store's.
Result<Claim> claim_key(Database& database, const RequestKey& key, const std::string& sha256);
// REQUIRES of both: the caller has claimed it.
Status keep_answer(Database& database, const RequestKey& key, const KeptAnswer& answer);
Status free_key(Database& database, const RequestKey& key);

}  // namespace fracas::controller
