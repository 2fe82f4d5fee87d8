// Commands about the audit log: what happened, and proof that nothing of it was
// changed. As in commands.h: each writes to `out`, and returns the exit status
// or an error.
#ifndef SERVICES_MASACTL_AUDIT_COMMANDS_H_
#define SERVICES_MASACTL_AUDIT_COMMANDS_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "proto/masa/v1/audit.pb.h"
#include "services/masactl/commands.h"
#include "services/transparency/signed_note.h"

namespace CLI {
class App;
}

namespace masa::masactl {

// What the words of these commands fill.
struct AuditArguments {
  std::string serial;
  std::string organization;
  std::string kind;
  std::string actor;
  std::string since;  // 24h
  uint32_t most = 100;
  uint64_t from = 0;
  bool until_now = false;
  std::string event_id;
  std::string voucher_id;
  std::string out_file;
  std::string receipt_file;
  std::string folder;
  std::string log_key_file;
  bool at_service = false;
};

using AuditCommand = absl::StatusOr<int> (*)(const CommonOptions& options,
                                             const AuditArguments& arguments,
                                             Terminal terminal);

// Events, the newest first.
absl::StatusOr<int> ListAudit(const CommonOptions& options,
                              const AuditArguments& arguments,
                              Terminal terminal);
// Events as they come into the log, the oldest first, until it is interrupted.
absl::StatusOr<int> TailAudit(const CommonOptions& options,
                              const AuditArguments& arguments,
                              Terminal terminal);
// One event by its id, with all that is known of it.
absl::StatusOr<int> ShowEvent(const CommonOptions& options,
                              const std::string& event_id, Terminal terminal);
// A receipt for one event.
absl::StatusOr<int> ProveAudit(const CommonOptions& options,
                               const AuditArguments& arguments,
                               Terminal terminal);
// The log in a folder, for `audit verify` without a service; goes on behind
// what an earlier export has put there.
absl::StatusOr<int> ExportAudit(const CommonOptions& options,
                                const AuditArguments& arguments,
                                Terminal terminal);
// A receipt, a folder, or the service's whole log; 1 when it does not hold.
absl::StatusOr<int> VerifyAudit(const CommonOptions& options,
                                const AuditArguments& arguments,
                                Terminal terminal);
// By the service itself, in the background; 1 when it does not hold.
absl::StatusOr<int> VerifyAtService(const CommonOptions& options,
                                    const AuditArguments& arguments,
                                    Terminal terminal);
// The log in `arguments.folder`.
absl::StatusOr<int> VerifyFolder(const CommonOptions& options,
                                 const AuditArguments& arguments,
                                 Terminal terminal);

// The key that the log's checkpoints are signed with: from a file with its line
// name+hash+base64, or with its certificate; then the log's name is what
// `note` says. InvalidArgument.
absl::StatusOr<transparency::NoteKey> ReadLogKey(const std::string& file,
                                                 const std::string& note);

// One event on one line.
std::string LineOf(const masa::v1::AuditEvent& event);

// Says what was verified, or the first fault, and counts on a terminal. Used by
// one thread.
class VerifyReport {
 public:
  VerifyReport(const CommonOptions& options, Terminal terminal,
               uint64_t entries)
      : options_(options), terminal_(terminal), entries_(entries) {}

  // So many entries were looked at.
  void Progress(uint64_t done);
  // What does not hold; the first is shown, the others are counted. `count`: of
  // so many this is the first.
  void Fault(const absl::Status& fault, uint64_t count = 1);
  bool holds() const { return faults_ == 0; }
  // The exit status, with a last line that says `what` was good.
  int Finish(const std::string& what);

 private:
  const CommonOptions& options_;
  Terminal terminal_;
  const uint64_t entries_;
  uint64_t faults_ = 0;
  int shown_percent_ = -1;
  std::string first_;
};

// Adds to the word `audit`, which is there; `choose` is called with the command
// that was said. All outlive the parsing.
void AddAuditWords(CLI::App& app, AuditArguments& arguments,
                   const std::function<void(AuditCommand)>& choose);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_AUDIT_COMMANDS_H_
