#include "services/signing/guard/guarded_key_maker.h"

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {

absl::StatusOr<std::vector<KeySlot>> GuardedKeyMaker::Slots(
    const RequestContext& context, const std::string& tenant_id) {
  return maker_.Slots(context, tenant_id);
}

absl::Status GuardedKeyMaker::TakeOne(const std::string& key) {
  constexpr int64_t kSecondsOfADay = 24 * 60 * 60;
  const int64_t today = absl::ToUnixSeconds(clock_.Now()) / kSecondsOfADay;
  MutexLock lock(mutex_);
  // A clock that goes back gives nothing back.
  if (today > day_) {
    day_ = today;
    made_.clear();
  }
  int& made = made_[key];
  if (made == kMostMadeInADay) {
    return Refuse(Reason::kQuotaExceeded,
                  absl::StrCat("a signer makes ", kMostMadeInADay,
                               " versions of a key in a day (UTC), and has "
                               "made that many of ",
                               key));
  }
  ++made;
  return absl::OkStatus();
}

absl::StatusOr<KeyDescription> GuardedKeyMaker::Create(
    const RequestContext& context, const std::string& tenant_id,
    const KeyName& name, SignatureAlgorithm algorithm) {
  MASA_RETURN_IF_ERROR(TakeOne(name.key));
  return maker_.Create(context, tenant_id, name, algorithm);
}

absl::StatusOr<KeyDescription> GuardedKeyMaker::Import(
    const RequestContext& context, const std::string& tenant_id,
    const KeyName& name, const std::string& encrypted_pkcs8_pem) {
  MASA_RETURN_IF_ERROR(TakeOne(name.key));
  return maker_.Import(context, tenant_id, name, encrypted_pkcs8_pem);
}

absl::Status GuardedKeyMaker::Destroy(const RequestContext& context,
                                      const std::string& tenant_id,
                                      const KeyName& name) {
  const std::string version = NameOf(name);
  bool listed = false;
  if (stopped_ != nullptr) {
    MASA_ASSIGN_OR_RETURN(listed, stopped_->Lists(version, clock_.Now()));
  }
  if (!listed) {
    return Refuse(Reason::kStateNotAllowed,
                  absl::StrCat("a signer destroys ", version,
                               " only while its own stopped_keys_file has the "
                               "line ",
                               version, "; write it there and call again"));
  }
  return maker_.Destroy(context, tenant_id, name);
}

}  // namespace masa::signing
