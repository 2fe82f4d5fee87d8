#include "services/signing/guard/guarded_signer.h"

#include "absl/strings/str_cat.h"
#include "services/signing/key_names.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {

namespace {

// Clocks of two machines differ by less, and nobody needs a voucher that waits.
constexpr absl::Duration kMostApart = absl::Hours(24);

absl::Status CheckTimes(absl::Span<const ToBeSigned> items, absl::Time now) {
  for (const ToBeSigned& item : items) {
    if (item.format() != masa::v1::FORMAT_UNSPECIFIED &&
        absl::AbsDuration(item.expected().created_on - now) > kMostApart) {
      return Refuse(Reason::kKeyNotForThis,
                    "a voucher's created-on is over a day from this signer's "
                    "clock; set the clocks of signer and authority");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<size_t> GuardedSigner::MayMake(
    const std::string& key, absl::Span<const ToBeSigned> items) {
  const absl::Time now = clock_.Now();
  MASA_RETURN_IF_ERROR(CheckTimes(items, now));
  // What is said of a key is said of all its versions together.
  const std::string base = ParseKeyName(key).key;
  if (stopped_ != nullptr) {
    MASA_RETURN_IF_ERROR(stopped_->Check(key, now));
    if (base != key) {
      MASA_RETURN_IF_ERROR(stopped_->Check(base, now));
    }
  }
  const auto budget = budgets_.find(base);
  return budget == budgets_.end() ? items.size()
                                  : budget->second->Take(items.size(), now);
}

std::vector<absl::StatusOr<std::string>> GuardedSigner::Sign(
    const RequestContext& context, const std::string& key,
    absl::Span<const ToBeSigned> items) {
  const absl::StatusOr<size_t> allowed = MayMake(key, items);
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
