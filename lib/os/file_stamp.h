#pragma once
#include <filesystem>
#include <string>

namespace fracas::os {

// Another text for each state of a file, so that who has read it knows whether to read it again; empty if it is not
// there.
std::string stamp_of(const std::filesystem::path& file);

}  // namespace fracas::os
