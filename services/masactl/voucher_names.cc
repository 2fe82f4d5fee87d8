#include "services/masactl/voucher_names.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/strings/ascii.h"

namespace masa::masactl {
namespace {

constexpr size_t kLongestPlainName = 80;

}  // namespace

bool VoucherNames::IsPlain(const std::string& serial_number) {
  return !serial_number.empty() && serial_number.size() <= kLongestPlainName &&
         serial_number[0] != '.' &&
         std::all_of(
             serial_number.begin(), serial_number.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
             });
}

VoucherNames::VoucherNames(std::string ending) : ending_(std::move(ending)) {}

std::string VoucherNames::NameOf(const std::string& serial_number,
                                 const std::string& voucher_id) {
  std::string name = serial_number + ending_;
  if (!IsPlain(serial_number) ||
      !given_.insert(absl::AsciiStrToLower(name)).second) {
    name = voucher_id + ending_;
    given_.insert(absl::AsciiStrToLower(name));
  }
  return name;
}

}  // namespace masa::masactl
