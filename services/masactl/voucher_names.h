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

  // A name that it gave to nothing else.
  std::string NameOf(const std::string& serial_number,
                     const std::string& voucher_id);

 private:
  const std::string ending_;
  std::set<std::string> given_;
};

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_VOUCHER_NAMES_H_
