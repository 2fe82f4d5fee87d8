// Commands about escrow bundles: what an owner onboards its devices by when the
// manufacturer's service is gone. As in commands.h: each writes to `out`, and
// returns the exit status or an error.
#ifndef SERVICES_MASACTL_ESCROW_COMMANDS_H_
#define SERVICES_MASACTL_ESCROW_COMMANDS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "services/masactl/commands.h"
#include "services/masactl/job_commands.h"

namespace CLI {
class App;
}

namespace masa::masactl {

// What the words of these commands fill.
struct EscrowArguments {
  // Of the job that issues the vouchers; its job_id when it ran already, and
  // the file to write.
  JobArguments job;
  // Instead of a file: a folder that a timer adds to, and how many bundles of
  // the organisation stay there; 0: all.
  std::string folder;
  int keep = 0;
  // Devices without a voucher are counted and neither named nor a failure.
  bool allows_refused = false;
  std::string bundle_file;
  std::string anchor_file;
  std::string voucher_anchor_file;
};

using EscrowCommand = absl::StatusOr<int> (*)(const CommonOptions& options,
                                              const EscrowArguments& arguments,
                                              Terminal terminal);

// A voucher for each device of an organisation, with its receipt and the
// history of its owners, what verifies them, and a program that does, in one
// tar, which is there whole or not at all. 0 when each device got a voucher, 2
// when some did, or 0 where that is allowed.
absl::StatusOr<int> ExportEscrow(const CommonOptions& options,
                                 const EscrowArguments& arguments,
                                 Terminal terminal);
// Needs no service; 1 when it does not hold.
absl::StatusOr<int> VerifyEscrow(const CommonOptions& options,
                                 const EscrowArguments& arguments,
                                 Terminal terminal);

// Adds the word `escrow`; `choose` is called with the command that is named.
// All outlive the parsing.
void AddEscrowWords(CLI::App& app, EscrowArguments& arguments,
                    const std::function<void(EscrowCommand)>& choose);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_ESCROW_COMMANDS_H_
