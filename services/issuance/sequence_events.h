// Takes events that were committed into the log of their tenant, one after the
// other, and has a key say what the log is then. Of all replicas one does so at
// a time, by a lease; what two of them did at once would be refused by the
// store. A process that ends anywhere leaves nothing undone that the next round
// does not do, and nothing done twice.
#ifndef SERVICES_ISSUANCE_SEQUENCE_EVENTS_H_
#define SERVICES_ISSUANCE_SEQUENCE_EVENTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/issuance/audit_mirror.h"
#include "services/issuance/fresh_log.h"
#include "services/issuance/mirror_log.h"
#include "services/merkle/growing_tree.h"
#include "services/observe/clock.h"
#include "services/signing/signer.h"
#include "services/transparency/signed_note.h"
#include "storage/audit_sequence.h"

namespace masa::issuance {

struct AuditTerms {
  std::string
      signing_key;     // of kind CHECKPOINT, Ed25519; empty: none is signed
  std::string origin;  // see transparency::OriginOf
  std::string holder;  // this process, as the lease names it
};

struct SequencerRound {
  bool leads = false;  // else another process does it
  int events = 0;      // taken into logs
  int checkpoints = 0;
  bool is_behind = false;  // more is waiting: the next round may come at once
  // Why the log of a tenant does not go on, of several the first; those of the
  // others do. kMisconfigured when it does not continue what was signed before:
  // nothing is added to it until an operator has seen to it. Anything else is
  // tried again in the next round.
  absl::Status failed;
};

// One thread at a time; blocks.
class SequenceEvents {
 public:
  // All outlive this. `mirror` may be null: then nothing is kept outside.
  SequenceEvents(storage::AuditLog& log, storage::AuditSequence& sequence,
                 signing::Signer& signer, AuditMirror* mirror,
                 const Clock& clock, AuditTerms terms)
      : log_(log),
        sequence_(sequence),
        signer_(signer),
        mirror_(mirror),
        clock_(clock),
        terms_(std::move(terms)) {}

  // One round. kStoreUnavailable and its like, and no log goes on: the next
  // round tries again.
  absl::StatusOr<SequencerRound> Run(const RequestContext& context);

  // Lets another process go on at once. Not to be run again.
  void Resign(const RequestContext& context);

  // The size of the log and when its newest checkpoint was made, of the tenants
  // that this process has sequenced.
  struct Progress {
    uint64_t size = 0;
    absl::Time checkpoint_at = absl::UnixEpoch();
  };
  const std::map<std::string, Progress>& progress() const { return progress_; }

 private:
  // A log as this process leads it.
  struct Led {
    merkle::GrowingTree tree;
    uint64_t signed_size = 0;
    Mirrored mirrored;
    FreshLog fresh;  // empty where there is no mirror
  };

  // A tenant whose log did not open.
  struct Held {
    absl::Status why;
    absl::Time broken_at;  // when that was seen; InfinitePast: it may pass
  };

  // Has the lease, now and for some seconds; false: another has it.
  absl::StatusOr<bool> Lead(const RequestContext& context);
  absl::StatusOr<Led*> Open(const RequestContext& context,
                            const std::string& tenant_id);
  // Tries those that are held once more, and names them that still are.
  std::vector<std::string> TryHeld(const RequestContext& context,
                                   absl::Status* failed);
  absl::StatusOr<Led> Load(const RequestContext& context,
                           const std::string& tenant_id);
  absl::StatusOr<int> Take(const RequestContext& context,
                           const std::string& tenant_id,
                           std::vector<storage::OutboxRow> rows);
  // Signs what has grown since it was signed last; whether it had.
  absl::StatusOr<bool> Sign(const RequestContext& context,
                            const std::string& tenant_id);
  absl::Status Finish(const RequestContext& context,
                      const std::string& tenant_id, SequencerRound* round);
  absl::StatusOr<transparency::NoteKey> KeyOf(const RequestContext& context,
                                              const std::string& tenant_id);

  storage::AuditLog& log_;
  storage::AuditSequence& sequence_;
  signing::Signer& signer_;
  AuditMirror* const mirror_;
  const Clock& clock_;
  const AuditTerms terms_;
  std::optional<int64_t> epoch_;  // of the lease that the logs are led under
  absl::Time leads_until_ = absl::InfinitePast();
  std::map<std::string, Led> led_;
  std::map<std::string, Held> held_;  // none of them is led
  std::map<std::string, Progress> progress_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SEQUENCE_EVENTS_H_
