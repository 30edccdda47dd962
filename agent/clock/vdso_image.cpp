#include "agent/clock/vdso_image.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

namespace fracas::agent::clock {
namespace {

constexpr std::size_t kStubAlign = 16;
constexpr std::size_t kSymbolsMax = 4096;

// Reads plain structures out of the mapping, never past its end.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  template <typename T>
  std::optional<T> at(std::size_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
    T value{};
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  std::string_view text(std::size_t offset) const {
    if (offset >= bytes_.size()) return {};
    const char* start = reinterpret_cast<const char*>(bytes_.data()) + offset;
    return {start, ::strnlen(start, bytes_.size() - offset)};
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

struct DynamicTable {
  std::size_t symbols = 0, strings = 0;
};

std::optional<DynamicTable> read_dynamic(const Reader& reader, std::size_t offset, std::size_t load_bias) {
  DynamicTable table;
  for (std::size_t i = 0; i < kSymbolsMax; ++i) {
    const auto entry = reader.at<Elf64_Dyn>(offset + i * sizeof(Elf64_Dyn));
    if (!entry) return std::nullopt;
    if (entry->d_tag == DT_NULL) break;
    if (entry->d_tag == DT_SYMTAB) table.symbols = entry->d_un.d_ptr - load_bias;
    if (entry->d_tag == DT_STRTAB) table.strings = entry->d_un.d_ptr - load_bias;
  }
  if (table.symbols == 0 || table.strings == 0) return std::nullopt;
  return table;
}

// The linker lays the string table out behind the symbols; that bounds them, also where there is only a GNU hash table.
void find_functions(const Reader& reader, const DynamicTable& table, std::size_t load_bias, VdsoImage& image) {
  for (std::size_t i = 0; i < kSymbolsMax; ++i) {
    const std::size_t offset = table.symbols + i * sizeof(Elf64_Sym);
    if (table.strings > table.symbols && offset + sizeof(Elf64_Sym) > table.strings) return;
    const auto symbol = reader.at<Elf64_Sym>(offset);
    if (!symbol) return;
    const std::string_view name = reader.text(table.strings + symbol->st_name);
    const std::size_t value = symbol->st_value - load_bias;
    if (name == "__vdso_clock_gettime") image.clock_gettime = value;
    if (name == "__vdso_gettimeofday") image.gettimeofday = value;
    if (name == "__vdso_time") image.time = value;
  }
}

bool inside(const VdsoImage& image, std::size_t function) {
  return function < image.loaded_end && image.loaded_end <= image.bytes.size();
}

}  // namespace

std::vector<std::size_t> VdsoImage::hooked() const {
  std::vector<std::size_t> entries = {clock_gettime, gettimeofday, time};
  std::erase(entries, 0U);
  return entries;
}

Result<std::size_t> VdsoImage::room_for(std::size_t size) const {
  for (const std::size_t end : {sections_end, loaded_end}) {
    const std::size_t start = (end + kStubAlign - 1) / kStubAlign * kStubAlign;
    if (start <= bytes.size() && bytes.size() - start >= size) return start;
  }
  return failure("this kernel's vDSO leaves no room for " + std::to_string(size) + " bytes", ENOSPC);
}

Result<VdsoImage> parse_vdso(std::span<const std::uint8_t> mapping) {
  const Reader reader(mapping);
  const auto header = reader.at<Elf64_Ehdr>(0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_machine != EM_X86_64)
    return failure("the vDSO is no x86-64 image", ENOEXEC);
  VdsoImage image;
  image.bytes.assign(mapping.begin(), mapping.end());
  std::size_t load_bias = 0;
  std::size_t dynamic = 0;
  for (std::size_t i = 0; i < header->e_phnum; ++i) {
    const auto segment = reader.at<Elf64_Phdr>(header->e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment) return failure("the vDSO's program headers are cut off", ENOEXEC);
    if (segment->p_type == PT_DYNAMIC) dynamic = segment->p_offset;
    if (segment->p_type != PT_LOAD) continue;
    load_bias = segment->p_vaddr - segment->p_offset;
    image.loaded_end = std::max<std::size_t>(image.loaded_end, segment->p_offset + segment->p_filesz);
  }
  image.sections_end = image.loaded_end;
  if (header->e_shoff != 0)
    image.sections_end = std::max<std::size_t>(
        image.loaded_end, header->e_shoff + static_cast<std::size_t>(header->e_shnum) * header->e_shentsize);
  const auto table = dynamic == 0 ? std::nullopt : read_dynamic(reader, dynamic, load_bias);
  if (!table) return failure("the vDSO has no symbol table", ENOEXEC);
  find_functions(reader, *table, load_bias, image);
  if (image.clock_gettime == 0) return failure("the vDSO has no clock_gettime", ENOEXEC);
  for (const std::size_t function : image.hooked())
    if (!inside(image, function)) return failure("the vDSO's symbols point outside it", ENOEXEC);
  return image;
}

}  // namespace fracas::agent::clock
