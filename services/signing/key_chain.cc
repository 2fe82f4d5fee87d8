#include "services/signing/key_chain.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "openssl/bytestring.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "services/signing/private_key.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/certificate.h"
#include "storage/key_store.h"

namespace masa::signing {
namespace {

absl::Status Wrong(absl::string_view what) {
  return Refuse(Reason::kInvalidArgument, what);
}

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

// The certificates are one way from the first to the last.
absl::Status CheckOrder(const std::vector<wire::Certificate>& chain) {
  for (size_t i = 1; i < chain.size(); ++i) {
    if (chain[i - 1]->issuer_der != chain[i]->subject_der) {
      return Wrong(absl::StrCat("certificate ", i,
                                " of the chain is not issued by the next one; "
                                "the signer comes first, the anchor last"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckKeyChain(const std::vector<std::string>& chain_der,
                           const std::string& spki_der, absl::Time from,
                           const Verifier& verifier) {
  if (chain_der.empty() || chain_der.size() > storage::kMostChainLength) {
    return Refuse(Reason::kCertMalformed, "a chain has 1 to 8 certificates");
  }
  std::vector<wire::Certificate> chain;
  for (const std::string& der : chain_der) {
    MASA_ASSIGN_OR_RETURN(auto one, wire::Certificate::Parse(der));
    chain.push_back(std::move(one));
  }
  if (chain.front()->spki_der != spki_der) {
    return Wrong("the first certificate of the chain is not of this key");
  }
  MASA_RETURN_IF_ERROR(CheckOrder(chain));
  for (const wire::Certificate& one : chain) {
    if (one->not_before > from) {
      return Wrong(absl::StrCat(
          "a certificate of the chain is valid from ", Text(one->not_before),
          " on, and the key would begin to sign at ", Text(from)));
    }
    if (one->not_after <= from) {
      return Refuse(
          Reason::kCertExpired,
          absl::StrCat("a certificate of the chain is valid until ",
                       Text(one->not_after),
                       ", and the key would begin to sign at ", Text(from)));
    }
  }
  const absl::Status verified =
      verifier
          .VerifyChain({chain_der.front(), chain_der, {chain_der.back()}, from})
          .status();
  return verified.ok() ? verified
                       : Wrong(absl::StrCat("the chain does not hold: ",
                                            PublicMessage(verified)));
}

absl::Time NotAfterOf(const std::vector<std::string>& chain_der) {
  absl::Time earliest = absl::InfiniteFuture();
  for (const std::string& der : chain_der) {
    const auto one = wire::Certificate::Parse(der);
    if (one.ok()) {
      earliest = std::min(earliest, (*one)->not_after);
    }
  }
  return earliest;
}

std::optional<SignatureAlgorithm> AlgorithmOfSpki(const std::string& spki_der) {
  CBS cbs;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(spki_der.data()),
           spki_der.size());
  const bssl::UniquePtr<EVP_PKEY> key(EVP_parse_public_key(&cbs));
  ERR_clear_error();
  if (key == nullptr || CBS_len(&cbs) != 0) {
    return std::nullopt;
  }
  const auto algorithm = AlgorithmOf(key.get());
  return algorithm.ok() ? std::optional(*algorithm) : std::nullopt;
}

absl::StatusOr<std::string> SpkiOfChain(
    const std::vector<std::string>& chain_der) {
  if (chain_der.empty()) {
    return Refuse(Reason::kCertMalformed, "there is no certificate");
  }
  MASA_ASSIGN_OR_RETURN(const auto first,
                        wire::Certificate::Parse(chain_der.front()));
  return first->spki_der;
}

}  // namespace masa::signing
