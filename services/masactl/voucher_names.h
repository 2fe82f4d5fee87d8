// How the files of many vouchers are called: after their devices where that
// makes a plain name, else after themselves. Not thread-safe.
#ifndef SERVICES_MASACTL_VOUCHER_NAMES_H_
#define SERVICES_MASACTL_VOUCHER_NAMES_H_

#include <set>
#include <string>

namespace masa::masactl {

class VoucherNames {
 public:
  // `ending` is .vcj, .vjj or .vch.
  explicit VoucherNames(std::string ending);

  // Whether the file of a device of this serial number may be called after it.
  static bool IsPlain(const std::string& serial_number);

  // A name that it gave to nothing else; one that differs in capitals alone is
  // the same on some file systems.
  std::string NameOf(const std::string& serial_number,
                     const std::string& voucher_id);

 private:
  const std::string ending_;
  std::set<std::string> given_;  // in small letters
};

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_VOUCHER_NAMES_H_
