#pragma once
#include <vector>

namespace fracas::controller {

// Statements that lead from one version of the schema to the next. What was released is never edited: append. Both have
// the same tables; types and triggers are written as each wants them.
using SchemaSteps = std::vector<std::vector<const char*>>;

const SchemaSteps& sqlite_steps();
const SchemaSteps& postgres_steps();

}  // namespace fracas::controller
