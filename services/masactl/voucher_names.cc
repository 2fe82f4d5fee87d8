#include "services/masactl/voucher_names.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace masa::masactl {
namespace {

constexpr size_t kLongestPlainName = 80;

bool IsPlain(const std::string& name) {
  return !name.empty() && name.size() <= kLongestPlainName && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
         });
}

}  // namespace

VoucherNames::VoucherNames(std::string ending) : ending_(std::move(ending)) {}

std::string VoucherNames::NameOf(const std::string& serial_number,
                                 const std::string& voucher_id) {
  std::string name = serial_number + ending_;
  if (!IsPlain(serial_number) || !given_.insert(name).second) {
    name = voucher_id + ending_;
    given_.insert(name);
  }
  return name;
}

}  // namespace masa::masactl
