#pragma once
#include <string>

// Where the tests find the project's files. One small source knows the paths, so that the others compile to the same
// objects in every checkout and a compiler cache serves them all.
namespace fracas::tests {

// The top of the source tree, without a slash at its end.
std::string source_dir();
// The folder of the built programs, without a slash at its end.
std::string bin_dir();

}  // namespace fracas::tests
