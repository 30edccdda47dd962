#pragma once
#include "controller/gameday/day.h"

namespace fracas::api {
class GameDay;
}

// A game day as somebody may see it. Pure.
namespace fracas::controller::gameday {

// Whether they see which experiments a game day has: always, unless it is blind and not over. Then those alone do who
// answer for it: who submitted it, and who may approve it.
bool sees_plan(const Day& day, const Person& person);

struct ViewOptions {
  Person person;  // who looks
  Instant now;
  bool past = false;  // with the times before
};
void fill(api::GameDay& message, const Day& day, const ViewOptions& options);

}  // namespace fracas::controller::gameday
