#pragma once
#include <map>
#include <string>
#include <vector>

#include "lib/base/result.h"

// Commands that a user wrote into an experiment.
namespace fracas::controller {

// What a command may ask for of one host.
struct Placeholders {
  std::string name;
  std::string data;
  std::map<std::string, std::string> nodes;  // all, by name: address
  std::string folder;                        // absolute; where relative paths begin
};

// The words with {name}, {address}, {data}, {peers} and {nodes} filled in; the first four only where `name` is one of
// the nodes. "./" and "../" at the beginning of a word stand for the folder and what is above it. ERRORS: a placeholder
// that does not exist. Pure.
Result<std::vector<std::string>> fill_in(const std::vector<std::string>& words, const Placeholders& placeholders);

// The same, its first word made the path of a program: one without a slash is looked for in PATH.
// ERRORS: it is not there.
Result<std::vector<std::string>> user_command(const std::vector<std::string>& words, const Placeholders& placeholders);

// The path of a program: a word without a slash is looked for in PATH. ERRORS: it is not there.
Result<std::string> find_program(const std::string& word);

// The folder in which fracas was started.
Result<std::string> starting_folder();

}  // namespace fracas::controller
