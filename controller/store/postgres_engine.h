#pragma once
#include <memory>
#include <string>

#include "controller/store/engine.h"

namespace fracas::controller {

// A database of PostgreSQL, by one session at a time; connects at the first statement. As Database::open_postgres says.
std::unique_ptr<Engine> make_postgres(const std::string& settings);

}  // namespace fracas::controller
