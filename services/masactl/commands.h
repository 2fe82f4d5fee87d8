// The commands, one function each. Each writes its result to `out`, reports
// lines that were not taken to `err`, and returns the exit status: 0 all, 2
// some, 1 none, or an error for the caller to show.
#ifndef SERVICES_MASACTL_COMMANDS_H_
#define SERVICES_MASACTL_COMMANDS_H_

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/masactl/service.h"

namespace masa::masactl {

struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool progress = false;  // err is a terminal that a person watches
};

struct ImportArguments {
  std::string file;
  std::string on_conflict = "fail";  // fail, skip, update
  std::string import_id;             // empty: made from the file
};

absl::StatusOr<int> ImportDevices(const CommonOptions& options,
                                  const ImportArguments& arguments,
                                  Terminal terminal);
absl::StatusOr<int> GetDevice(const CommonOptions& options,
                              const std::string& serial, Terminal terminal);
absl::StatusOr<int> AssignDevices(const CommonOptions& options,
                                  const std::vector<std::string>& serials,
                                  const std::string& organization, bool check,
                                  Terminal terminal);
// Would the domain with this certificate get the device? Empty: no domain.
absl::StatusOr<int> ResolveOwner(const CommonOptions& options,
                                 const std::string& serial,
                                 const std::string& registrar_file,
                                 Terminal terminal);
absl::StatusOr<int> BlockDevices(const CommonOptions& options,
                                 const std::vector<std::string>& serials,
                                 bool lift, bool check, Terminal terminal);
absl::StatusOr<int> ListProducts(const CommonOptions& options,
                                 Terminal terminal);
absl::StatusOr<int> GetProduct(const CommonOptions& options,
                               const std::string& product, Terminal terminal);
absl::StatusOr<int> SetProduct(const CommonOptions& options,
                               const std::string& file, bool check,
                               Terminal terminal);
absl::StatusOr<int> GetTenant(const CommonOptions& options, Terminal terminal);
absl::StatusOr<int> SetTenant(const CommonOptions& options,
                              const std::string& file, bool check,
                              Terminal terminal);
absl::StatusOr<int> BlockDomain(const CommonOptions& options,
                                const std::string& domain_cert_file,
                                const std::string& note, bool lift,
                                Terminal terminal);
absl::StatusOr<int> SetRegistrarAuth(const CommonOptions& options,
                                     const std::string& organization,
                                     const std::string& method,
                                     const std::string& user,
                                     const std::string& password_file,
                                     Terminal terminal);
absl::StatusOr<int> SetEndlessVouchers(const CommonOptions& options,
                                       const std::string& organization,
                                       bool refused, Terminal terminal);
}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_COMMANDS_H_
