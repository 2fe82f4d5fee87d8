#include "services/signing/guard/guarded_signer.h"

#include "absl/strings/str_cat.h"
#include "services/signing/key_names.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {

absl::StatusOr<size_t> GuardedSigner::MayMake(const std::string& key,
                                              size_t wanted) {
  const absl::Time now = clock_.Now();
  // What is said of a key is said of all its versions together.
  const std::string base = ParseKeyName(key).key;
  if (stopped_ != nullptr) {
    MASA_RETURN_IF_ERROR(stopped_->Check(key, now));
    if (base != key) {
      MASA_RETURN_IF_ERROR(stopped_->Check(base, now));
    }
  }
  const auto budget = budgets_.find(base);
  return budget == budgets_.end() ? wanted : budget->second->Take(wanted, now);
}

std::vector<absl::StatusOr<std::string>> GuardedSigner::Sign(
    const RequestContext& context, const std::string& key,
    absl::Span<const ToBeSigned> items) {
  const absl::StatusOr<size_t> allowed = MayMake(key, items.size());
  if (!allowed.ok()) {
    return std::vector<absl::StatusOr<std::string>>(items.size(),
                                                    allowed.status());
  }
  std::vector<absl::StatusOr<std::string>> signatures =
      signer_.Sign(context, key, items.subspan(0, *allowed));
  signatures.resize(items.size(),
                    Refuse(Reason::kOverloaded,
                           absl::StrCat("signing key ", key,
                                        " may not make so many at once")));
  return signatures;
}

absl::StatusOr<KeyDescription> GuardedSigner::Describe(
    const RequestContext& context, const std::string& key) {
  return signer_.Describe(context, key);
}

}  // namespace masa::signing
