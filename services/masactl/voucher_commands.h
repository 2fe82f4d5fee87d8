// The commands of the word `voucher`, and its words. Their exit status is that
// of commands.h.
#ifndef SERVICES_MASACTL_VOUCHER_COMMANDS_H_
#define SERVICES_MASACTL_VOUCHER_COMMANDS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/masa/v1/voucher.pb.h"
#include "services/masactl/commands.h"

namespace CLI {
class App;
}

namespace masa::masactl {

struct IssueArguments {
  std::vector<std::string> serials;
  std::string serials_file;  // one a line, besides those
  std::string domain_cert_file;
  std::string nonce;
  std::string expires_in;  // 20m, 720h
  bool endless = false;    // neither
  bool est = false;        // at the owner's EST server
  std::string format = "cms";
  std::string out_file;  // a folder for many
};

struct VoucherArguments {
  IssueArguments issue;
  std::string organization;
  std::string claim;
  std::string reason;
};

// Where a voucher cannot be put down it must not be issued: InvalidArgument
// when `out` is neither a folder nor a file that can be written.
absl::Status CheckWritable(const std::string& out);

using VoucherCommand = absl::StatusOr<int> (*)(
    const CommonOptions& options, const VoucherArguments& arguments,
    Terminal terminal);

// For one device.
absl::StatusOr<int> IssueVoucher(const CommonOptions& options,
                                 const IssueArguments& arguments,
                                 Terminal terminal);
// For several, a file each in the folder `out_file`.
absl::StatusOr<int> IssueVouchers(const CommonOptions& options,
                                  const IssueArguments& arguments,
                                  Terminal terminal);
// One voucher for each device of the customer, in one tar with a manifest; of
// `arguments`, serials and nonce are not used (SZ-02).
absl::StatusOr<int> ExportVouchers(const CommonOptions& options,
                                   const std::string& organization,
                                   const IssueArguments& arguments,
                                   Terminal terminal);
// The keys that sign vouchers; their anchors go to `out_file` as PEM, if that
// is not empty.
absl::StatusOr<int> ShowAnchors(const CommonOptions& options,
                                const std::string& out_file, Terminal terminal);
absl::StatusOr<int> ListClaims(const CommonOptions& options, Terminal terminal);
absl::StatusOr<int> DecideClaim(const CommonOptions& options,
                                const std::string& claim_hex, bool approve,
                                const std::string& reason, Terminal terminal);
absl::StatusOr<int> ShowAudit(const CommonOptions& options,
                              const std::string& serial, Terminal terminal);

// Whether `arguments` say when vouchers without a nonce end. InvalidArgument.
absl::Status CheckEnd(const IssueArguments& arguments);
// The order that `arguments` spell out, the device apart. InvalidArgument.
absl::StatusOr<masa::v1::IssueVoucherRequest> OrderOf(
    const IssueArguments& arguments);
// .vcj, .vjj or .vch (SZ-12).
std::string EndingOf(masa::v1::Format format);
// Where a voucher goes: `out` itself, or into the folder that `out` is, named
// as RFC 8366 section 8.3 and its successors say (SZ-12).
std::string VoucherPath(const std::string& out, const std::string& voucher_id,
                        masa::v1::Format format);

// Adds the word `voucher`; `choose` is called with the command that is named.
// All outlive the parsing.
void AddVoucherWords(CLI::App& app, VoucherArguments& arguments,
                     const std::function<void(VoucherCommand)>& choose);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_VOUCHER_COMMANDS_H_
