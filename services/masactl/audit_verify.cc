#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "proto/masa/v1/audit.grpc.pb.h"
#include "services/masactl/ask.h"
#include "services/masactl/audit_commands.h"
#include "services/masactl/audit_stream.h"
#include "services/status/macros.h"
#include "services/transparency/log_verifier.h"
#include "services/transparency/receipt.h"

namespace masa::masactl {
namespace {

using masa::v1::AuditEvent;
using masa::v1::AuditService;
using masa::v1::Checkpoint;

absl::StatusOr<Checkpoint> AskCheckpoint(const CommonOptions& options,
                                         uint64_t least_size) {
  masa::v1::GetCheckpointRequest request;
  request.set_least_size(least_size);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<AuditService>(options, &AuditService::Stub::GetCheckpoint, request));
  return response.checkpoint();
}

absl::StatusOr<int> VerifyReceiptFile(const CommonOptions& options,
                                      const AuditArguments& arguments,
                                      Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const std::string text,
                        ReadText(arguments.receipt_file));
  VerifyReport report(options, terminal, 1);
  const auto receipt = transparency::ParseReceipt(text);
  if (!receipt.ok()) {
    report.Fault(receipt.status());
    return report.Finish("");
  }
  MASA_ASSIGN_OR_RETURN(
      const transparency::NoteKey key,
      ReadLogKey(arguments.log_key_file, receipt->checkpoint));
  const auto checkpoint = transparency::VerifyReceipt(*receipt, key);
  if (!checkpoint.ok()) {
    report.Fault(checkpoint.status());
    return report.Finish("");
  }
  return report.Finish(absl::StrCat(
      "the receipt holds: number ", receipt->index, " of ", checkpoint->size,
      " in the log ", checkpoint->origin, " is ", receipt->event));
}

// The service's whole log, held against a checkpoint every few thousand
// entries, so that the first that does not fit is known closely.
class ServiceLog {
 public:
  ServiceLog(const CommonOptions& options, const transparency::NoteKey& key,
             const Checkpoint& newest, VerifyReport& report)
      : options_(options), newest_(newest), report_(report), verifier_(key) {}

  absl::Status Run() {
    MASA_RETURN_IF_ERROR(NextCheckpoint());
    LastingCall call;
    MASA_RETURN_IF_ERROR(
        StreamAudit(options_, call, 0, false,
                    [this](const masa::v1::StreamAuditEventsResponse& message) {
                      status_ = Hear(message);
                      return status_.ok() && verifier_.size() < newest_.size();
                    }));
    MASA_RETURN_IF_ERROR(status_);
    if (verifier_.size() < newest_.size()) {
      report_.Fault(absl::InvalidArgumentError(
          absl::StrCat("the service shows ", verifier_.size(), " events, and ",
                       newest_.size(), " are under its newest checkpoint")));
    }
    return absl::OkStatus();
  }

 private:
  // Through tiles and proofs in between nothing new would be known.
  static constexpr uint64_t kStride = 4096;

  absl::Status NextCheckpoint() {
    const uint64_t least = verifier_.size() + kStride;
    next_ = newest_;
    if (least < newest_.size()) {
      MASA_ASSIGN_OR_RETURN(next_, AskCheckpoint(options_, least));
    }
    return absl::OkStatus();
  }

  absl::Status Hear(const masa::v1::StreamAuditEventsResponse& message) {
    for (const AuditEvent& event : message.events()) {
      if (verifier_.size() == newest_.size()) {
        return absl::OkStatus();
      }
      if (event.log_index() != verifier_.size()) {
        return absl::InvalidArgumentError(
            absl::StrCat("the service does not show event number ",
                         verifier_.size(), "; who may see all is an operator"));
      }
      const absl::Status added = verifier_.Add(
          event.entry(), {event.event_id(), event.salt(), event.event()});
      if (!added.ok()) {
        report_.Fault(added);
      }
      if (verifier_.size() == next_.size()) {
        const absl::Status checked = verifier_.CheckAt(next_.signed_note());
        if (!checked.ok()) {
          report_.Fault(checked);
        }
        MASA_RETURN_IF_ERROR(NextCheckpoint());
      }
    }
    report_.Progress(verifier_.size());
    return absl::OkStatus();
  }

  const CommonOptions& options_;
  const Checkpoint& newest_;
  VerifyReport& report_;
  transparency::LogVerifier verifier_;
  Checkpoint next_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<transparency::NoteKey> ReadLogKey(const std::string& file,
                                                 const std::string& note) {
  MASA_ASSIGN_OR_RETURN(const std::string text, ReadText(file));
  if (absl::StrContains(text, "-----BEGIN")) {
    MASA_ASSIGN_OR_RETURN(const std::string der, ReadCertificate(file));
    return transparency::NoteKeyOf(note.substr(0, note.find('\n')), der);
  }
  return transparency::ParseVerifierKey(absl::StripAsciiWhitespace(text));
}

void VerifyReport::Progress(uint64_t done) {
  const int percent =
      entries_ == 0 ? 100 : static_cast<int>(done * 100 / entries_);
  if (terminal_.progress && percent != shown_percent_) {
    terminal_.err << '\r' << std::string(percent / 2, '#')
                  << std::string(50 - percent / 2, '.') << ' ' << percent
                  << " %  " << done << " events" << std::flush;
    shown_percent_ = percent;
  }
}

void VerifyReport::Fault(const absl::Status& fault, uint64_t count) {
  if (faults_ == 0 && count > 0) {
    first_ = std::string(fault.message());
  }
  faults_ += count;
}

int VerifyReport::Finish(const std::string& what) {
  if (shown_percent_ >= 0) {
    terminal_.err << '\n';
  }
  if (options_.json) {
    masa::v1::AuditVerdict verdict;
    verdict.set_holds(holds());
    verdict.set_says(holds() ? what : first_);
    verdict.set_faults(faults_);
    terminal_.out << JsonOf(verdict) << '\n';
  } else if (holds()) {
    terminal_.out << what << '\n';
  }
  if (!holds()) {
    terminal_.err << "does not hold: " << first_ << '\n';
    if (faults_ > 1) {
      terminal_.err << "and " << faults_ - 1 << " more behind it\n";
    }
  }
  return holds() ? 0 : 1;
}

absl::StatusOr<int> VerifyAudit(const CommonOptions& options,
                                const AuditArguments& arguments,
                                Terminal terminal) {
  if (arguments.at_service) {
    return VerifyAtService(options, arguments, terminal);
  }
  if (arguments.log_key_file.empty()) {
    return absl::InvalidArgumentError(
        "--log-key is needed, or --at-service instead");
  }
  if (!arguments.receipt_file.empty()) {
    return VerifyReceiptFile(options, arguments, terminal);
  }
  if (!arguments.folder.empty()) {
    return VerifyFolder(options, arguments, terminal);
  }
  MASA_ASSIGN_OR_RETURN(const Checkpoint newest, AskCheckpoint(options, 0));
  MASA_ASSIGN_OR_RETURN(
      const transparency::NoteKey key,
      ReadLogKey(arguments.log_key_file, newest.signed_note()));
  VerifyReport report(options, terminal, newest.size());
  MASA_RETURN_IF_ERROR(ServiceLog(options, key, newest, report).Run());
  return report.Finish(absl::StrCat(newest.size(), " events of the log ",
                                    key.name, " are as its checkpoints say"));
}

}  // namespace masa::masactl
