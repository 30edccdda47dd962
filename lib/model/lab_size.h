#pragma once

namespace fracas::model {

// Nodes of a lab; a simulated world may have more.
inline constexpr unsigned kLabNodesMax = 15;

}  // namespace fracas::model
