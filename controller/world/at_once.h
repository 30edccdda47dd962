#pragma once
#include <cstddef>
#include <functional>

namespace fracas::controller {

// Does `work` for 0 to `count` - 1, many at the same time but never more than a machine stands, and waits for all.
void at_once(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace fracas::controller
