#include "services/issuance/readiness.h"

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {

absl::Status CheckSigningKeys(const RequestContext& context, Policies& policies,
                              signing::Signer& signer) {
  MASA_ASSIGN_OR_RETURN(const auto snapshot, policies.Current(context));
  for (const std::string& key : snapshot->SigningKeys()) {
    const absl::Status status = signer.Describe(context, key).status();
    if (!status.ok()) {
      return Refuse(ReasonOf(status), absl::StrCat("signing key ", key, ": ",
                                                   PublicMessage(status)));
    }
  }
  return absl::OkStatus();
}

}  // namespace masa::issuance
