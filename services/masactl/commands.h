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
#include "proto/masa/v1/voucher.pb.h"
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

struct IssueArguments {
  std::string serial;
  std::string domain_cert_file;
  std::string nonce;
  std::string expires_in;  // 20m, 720h
  bool endless = false;    // neither
  bool est = false;        // at the owner's EST server
  std::string format = "cms";
  std::string out_file;
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
absl::StatusOr<int> IssueVoucher(const CommonOptions& options,
                                 const IssueArguments& arguments,
                                 Terminal terminal);
// One voucher for each device of the customer, in one tar with a manifest; of
// `arguments`, serial and nonce are not used (SZ-02).
absl::StatusOr<int> ExportVouchers(const CommonOptions& options,
                                   const std::string& organization,
                                   const IssueArguments& arguments,
                                   Terminal terminal);
absl::StatusOr<int> ListClaims(const CommonOptions& options, Terminal terminal);
absl::StatusOr<int> DecideClaim(const CommonOptions& options,
                                const std::string& claim_hex, bool approve,
                                const std::string& reason, Terminal terminal);
// The order that `arguments` spell out, the device apart. InvalidArgument.
absl::StatusOr<masa::v1::IssueVoucherRequest> OrderOf(
    const IssueArguments& arguments);
// .vcj, .vjj or .vch (SZ-12).
std::string EndingOf(masa::v1::Format format);
// Where a voucher goes: `out` itself, or into the folder that `out` is, named
// as RFC 8366 section 8.3 and its successors say (SZ-12).
std::string VoucherPath(const std::string& out, const std::string& voucher_id,
                        masa::v1::Format format);
absl::StatusOr<int> ShowAudit(const CommonOptions& options,
                              const std::string& serial, Terminal terminal);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_COMMANDS_H_
