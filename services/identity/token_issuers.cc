#include "services/identity/token_issuers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/tree_event.h"
#include "storage/record_checks.h"

namespace masa::identity {
namespace {

using masa::v1::OidcIssuer;

absl::Status No(absl::string_view what) {
  return Refuse(Reason::kUnauthenticated, what);
}

absl::Duration LeewayOf(const OidcIssuer& options) {
  constexpr uint32_t kUsual = 60;
  return absl::Seconds(
      options.leeway_seconds() == 0 ? kUsual : options.leeway_seconds());
}

// A claim that can be a name in a record.
absl::StatusOr<std::string> NameIn(const wire::Jwt& token,
                                   const std::string& claim) {
  constexpr size_t kLongest = 256;
  const auto found = token.texts.find(claim);
  if (found == token.texts.end() || found->second.empty() ||
      found->second.size() > kLongest ||
      !storage::IsStorableText(found->second)) {
    return No(absl::StrCat("the token's claim ", claim,
                           " is not a name of 1 to 256 octets"));
  }
  return found->second;
}

// Logs and audit events name accounts by their hashes: names are personal.
absl::StatusOr<Principal> PrincipalOf(const OidcIssuer& options,
                                      const wire::Jwt& token) {
  Principal caller;
  caller.role = Role::kCustomer;
  caller.is_service_account = false;
  caller.tenant_id = options.tenant_id();
  caller.organization_id = options.organization_id();
  if (!options.organization_claim().empty()) {
    MASA_ASSIGN_OR_RETURN(caller.organization_id,
                          NameIn(token, options.organization_claim()));
  }
  MASA_ASSIGN_OR_RETURN(caller.username,
                        NameIn(token, options.username_claim().empty()
                                          ? "sub"
                                          : options.username_claim()));
  caller.name = absl::StrCat(
      "account:", storage::AccountHash(caller.tenant_id,
                                       {caller.organization_id, caller.username,
                                        storage::AccountType::kUser}));
  return caller;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenIssuers>> TokenIssuers::Create(
    const Issuers& issuers, const ReaderOf& reader_of, const Verifier& verifier,
    const Clock& clock) {
  std::unique_ptr<TokenIssuers> made(new TokenIssuers(verifier, clock));
  for (const OidcIssuer& options : issuers) {
    Known known{options, std::make_unique<KeySet>(reader_of(options), clock)};
    (void)known.keys->Refresh();
    if (!made->issuers_.emplace(options.issuer(), std::move(known)).second) {
      return Refuse(Reason::kMisconfigured,
                    absl::StrCat("the token issuer ", options.issuer(),
                                 " is named twice"));
    }
  }
  return made;
}

absl::Status TokenIssuers::CheckClaims(const Known& issuer,
                                       const wire::Jwt& token) const {
  const absl::Time now = clock_.Now();
  const absl::Duration leeway = LeewayOf(issuer.options);
  if (std::find(token.audience.begin(), token.audience.end(),
                issuer.options.audience()) == token.audience.end()) {
    return No("the token is for another audience");
  }
  if (token.expires + leeway <= now) {
    return No("the token has expired");
  }
  if (token.not_before && *token.not_before > now + leeway) {
    return No("the token is not valid yet");
  }
  return absl::OkStatus();
}

absl::StatusOr<Principal> TokenIssuers::Identify(const std::string& text) {
  MASA_ASSIGN_OR_RETURN(const wire::Jwt token, wire::ParseJwt(text));
  const auto issuer = issuers_.find(token.issuer);
  if (issuer == issuers_.end()) {
    return No("the token's issuer is not one that is known here");
  }
  MASA_ASSIGN_OR_RETURN(
      const wire::Jwk key,
      issuer->second.keys->Find(token.key_id, token.algorithm));
  if (!verifier_
           .VerifySignature(token.algorithm, key.spki_der, token.signing_input,
                            token.signature)
           .ok()) {
    return No("the token's signature does not verify");
  }
  MASA_RETURN_IF_ERROR(CheckClaims(issuer->second, token));
  return PrincipalOf(issuer->second.options, token);
}

}  // namespace masa::identity
