#pragma once
#include <span>
#include <string>
#include <string_view>

namespace fracas::model {

// How many insertions, deletions, replacements and swaps of neighbours turn one word into the other.
// Source: Damerau-Levenshtein, optimal string alignment.
std::size_t edit_distance(std::string_view left, std::string_view right);

// The candidate a person most likely meant by `word`, or "" if none is near: at most a third of its letters wrong,
// or one of them begins with the other.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

// What follows an unknown word in an error: `; did you mean "halves"?`, or `; one of a, b, c` where none is near.
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace fracas::model
