// Commands about changes of owner and their history. As in commands.h: each
// writes to `out`, and returns the exit status or an error.
#ifndef SERVICES_MASACTL_TRANSFER_COMMANDS_H_
#define SERVICES_MASACTL_TRANSFER_COMMANDS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/masactl/commands.h"

namespace CLI {
class App;
}

namespace masa::masactl {

// What the words of these commands fill.
struct TransferArguments {
  std::vector<std::string> serials;
  std::string serial;
  std::string from;
  std::string to;
  std::string organization;
  std::string sales_order;
  std::string expires_in;
  bool keep_history = false;
  bool check = false;
  std::string transfer_id;
  bool verify = false;
  std::string anchor_file;
};

using TransferCommand = absl::StatusOr<int> (*)(
    const CommonOptions& options, const TransferArguments& arguments,
    Terminal terminal);

absl::StatusOr<int> OfferTransfer(const CommonOptions& options,
                                  const TransferArguments& arguments,
                                  Terminal terminal);
absl::StatusOr<int> AcceptTransfer(const CommonOptions& options,
                                   const TransferArguments& arguments,
                                   Terminal terminal);
absl::StatusOr<int> RejectTransfer(const CommonOptions& options,
                                   const TransferArguments& arguments,
                                   Terminal terminal);
absl::StatusOr<int> CancelTransfer(const CommonOptions& options,
                                   const TransferArguments& arguments,
                                   Terminal terminal);
absl::StatusOr<int> GetTransfer(const CommonOptions& options,
                                const TransferArguments& arguments,
                                Terminal terminal);
absl::StatusOr<int> ListTransfers(const CommonOptions& options,
                                  const TransferArguments& arguments,
                                  Terminal terminal);
absl::StatusOr<int> ClaimDevices(const CommonOptions& options,
                                 const TransferArguments& arguments,
                                 Terminal terminal);
absl::StatusOr<int> ReleaseDevices(const CommonOptions& options,
                                   const TransferArguments& arguments,
                                   Terminal terminal);
// With `verify` the exit status is 1 when the history does not hold.
absl::StatusOr<int> ShowHistory(const CommonOptions& options,
                                const TransferArguments& arguments,
                                Terminal terminal);

// Adds the words `transfer`, `claim`, `release` and `history` to the word
// `device`, which is there; `choose` is called with the command that they name.
// All outlive the parsing.
void AddTransferWords(CLI::App& app, TransferArguments& arguments,
                      const std::function<void(TransferCommand)>& choose);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_TRANSFER_COMMANDS_H_
