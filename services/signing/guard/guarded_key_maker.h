// The signer's own guard over what is made and destroyed (ADR 0042): a captured
// authority can neither fill an HSM with keys nor take from it the ones that
// sign. Beside GuardedSigner, which guards what is signed.
#ifndef SERVICES_SIGNING_GUARD_GUARDED_KEY_MAKER_H_
#define SERVICES_SIGNING_GUARD_GUARDED_KEY_MAKER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "services/executor/mutex.h"
#include "services/observe/clock.h"
#include "services/signing/guard/stopped_keys.h"
#include "services/signing/key_maker.h"

namespace masa::signing {

// Versions of one key that a process makes or takes in a day (UTC).
inline constexpr int kMostMadeInADay = 16;

class GuardedKeyMaker final : public KeyMaker {
 public:
  // `stopped` may be null: then nothing is destroyed. All outlive this.
  GuardedKeyMaker(KeyMaker& maker, const Clock& clock, StoppedKeys* stopped)
      : maker_(maker), clock_(clock), stopped_(stopped) {}

  absl::StatusOr<std::vector<KeySlot>> Slots(
      const RequestContext& context, const std::string& tenant_id) override;

  // kQuotaExceeded beyond a day's share, in which failed tries count.
  absl::StatusOr<KeyDescription> Create(const RequestContext& context,
                                        const std::string& tenant_id,
                                        const KeyName& name,
                                        SignatureAlgorithm algorithm) override;
  absl::StatusOr<KeyDescription> Import(
      const RequestContext& context, const std::string& tenant_id,
      const KeyName& name, const std::string& encrypted_pkcs8_pem) override;

  // kStateNotAllowed unless the list of stopped keys has this very version:
  // whoever may write that list consents. kSignerUnavailable while the list
  // cannot be read.
  absl::Status Destroy(const RequestContext& context,
                       const std::string& tenant_id,
                       const KeyName& name) override;

 private:
  absl::Status TakeOne(const std::string& key);

  KeyMaker& maker_;
  const Clock& clock_;
  StoppedKeys* const stopped_;
  Mutex mutex_;
  // Of keys in `day_`, which is in days since 1970.
  std::map<std::string, int> made_ ABSL_GUARDED_BY(mutex_);
  int64_t day_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_GUARD_GUARDED_KEY_MAKER_H_
