#pragma once
#include <filesystem>
#include <string>

namespace fracas::test {

// Certificates of one authority, made by openssl(1) in a folder: its own in NAME.pem and NAME.key.
class Authority {
 public:
  Authority(std::filesystem::path folder, std::string name);

  // A certificate for that common name, in FILE.pem and FILE.key; `days` may be negative.
  void issue(const std::string& file, const std::string& common_name, int days = 2) const;

  std::string path(const std::string& file) const { return (folder_ / file).string(); }

 private:
  std::filesystem::path folder_;
  std::string name_;
};

}  // namespace fracas::test
