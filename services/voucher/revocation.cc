#include "services/voucher/revocation.h"

#include <algorithm>

#include "services/status/reason.h"
#include "services/wire/revocation.h"

namespace masa::voucher {
namespace {

using wire::Certificate;

// What one piece of evidence says of one certificate.
struct Word {
  bool revoked = false;
  absl::Time until;
};
using MaybeWord = std::optional<Word>;

// Evidence without an end counts for a day.
MaybeWord WordOf(bool revoked, absl::Time from, std::optional<absl::Time> next,
                 absl::Time now) {
  constexpr absl::Duration kSkew = absl::Minutes(5), kUsual = absl::Hours(24);
  const absl::Time until = next.value_or(from + kUsual);
  if (from > now + kSkew) {
    return std::nullopt;
  }
  // An old word that it is revoked is no reason to trust it again.
  return revoked || until > now ? MaybeWord(Word{revoked, until})
                                : std::nullopt;
}

bool SignedBy(const wire::X509Signature& signature, const Certificate& by,
              const Verifier& verifier) {
  return verifier
      .VerifySignature(signature.algorithm, by->spki_der,
                       signature.signed_octets, signature.signature)
      .ok();
}

MaybeWord Ask(const wire::Crl& crl, const Unproven& of,
              const Verifier& verifier, absl::Time now) {
  if (crl.issuer_der != of.certificate->issuer_der ||
      !of.issuer->may_sign_crls ||
      !SignedBy(crl.signature, of.issuer, verifier)) {
    return std::nullopt;
  }
  const bool listed = crl.Lists(of.certificate);
  return listed || crl.Covers(of.certificate)
             ? WordOf(listed, crl.this_update, crl.next_update, now)
             : std::nullopt;
}

// RFC 6960 section 4.2.2.2: the issuer, or whom it issued a certificate for
// this very purpose.
bool MayAnswer(const wire::OcspResponse& response, const Certificate& issuer,
               const Verifier& verifier, absl::Time now) {
  if (SignedBy(response.signature, issuer, verifier)) {
    return true;
  }
  return std::any_of(response.certificates.begin(), response.certificates.end(),
                     [&](const Certificate& responder) {
                       ChainQuestion question;
                       question.leaf_der = responder->der;
                       question.anchors_der = {issuer->der};
                       question.at = now;
                       return responder->has_ocsp_signing &&
                              responder->issuer_der == issuer->subject_der &&
                              SignedBy(response.signature, responder,
                                       verifier) &&
                              verifier.VerifyChain(question).ok();
                     });
}

MaybeWord Ask(const wire::OcspResponse& response, const Unproven& of,
              const Verifier& verifier, absl::Time now) {
  using Status = wire::OcspAnswer::Status;
  for (const wire::OcspAnswer& answer : response.answers) {
    if (answer.IsOf(of.certificate, of.issuer) &&
        answer.status != Status::kUnknown &&
        MayAnswer(response, of.issuer, verifier, now)) {
      return WordOf(answer.status == Status::kRevoked, answer.this_update,
                    answer.next_update, now);
    }
  }
  return std::nullopt;
}

struct Parsed {
  std::vector<wire::Crl> crls;
  std::vector<wire::OcspResponse> responses;
};

// What does not parse says nothing.
Parsed ParseAll(const wire::RevocationEvidence& evidence) {
  Parsed parsed;
  for (const std::string& der : evidence.crls_der) {
    if (auto crl = wire::ParseCrl(der); crl.ok()) {
      parsed.crls.push_back(*std::move(crl));
    }
  }
  for (const std::string& der : evidence.ocsp_responses_der) {
    if (auto response = wire::ParseOcspResponse(der); response.ok()) {
      parsed.responses.push_back(*std::move(response));
    }
  }
  return parsed;
}

// The word that decides: revoked before good, and of good ones the longest.
MaybeWord Decide(const Parsed& parsed, const Unproven& of,
                 const Verifier& verifier, absl::Time now) {
  MaybeWord decided;
  const auto hear = [&decided](const MaybeWord& word) {
    if (word &&
        (!decided || (word->revoked && !decided->revoked) ||
         (word->revoked == decided->revoked && word->until > decided->until))) {
      decided = word;
    }
  };
  for (const wire::OcspResponse& response : parsed.responses) {
    hear(Ask(response, of, verifier, now));
  }
  for (const wire::Crl& crl : parsed.crls) {
    hear(Ask(crl, of, verifier, now));
  }
  return decided;
}

bool NamesServers(const Certificate& certificate) {
  return !certificate->crl_urls.empty() || !certificate->ocsp_urls.empty();
}

// A CA that issued itself has nobody above it who could revoke it.
bool IsSelfIssued(const Certificate& certificate) {
  const auto& own = certificate->subject_key_id;
  const auto& issuer = certificate->authority_key_id;
  return certificate->subject_der == certificate->issuer_der &&
         (!own || !issuer || *own == *issuer);
}

}  // namespace

RevocationState StateOf(const Registrar& registrar,
                        const wire::RevocationEvidence& evidence,
                        const Verifier& verifier, absl::Time now) {
  RevocationState state;
  const Parsed parsed = ParseAll(evidence);
  for (size_t i = 0; i + 1 < registrar.chain.size(); ++i) {
    const Unproven of{registrar.chain[i], registrar.chain[i + 1]};
    const MaybeWord word = Decide(parsed, of, verifier, now);
    if (word) {
      state.revoked |= word->revoked;
      state.until =
          std::min(state.until.value_or(absl::InfiniteFuture()), word->until);
    } else if (NamesServers(of.certificate)) {
      state.unproven.push_back(of);
    }
  }
  // Who is revoked would else leave out who could say so.
  const Certificate& top = registrar.chain.back();
  state.is_cut_short = NamesServers(top) && !IsSelfIssued(top);
  return state;
}

absl::StatusOr<RevocationState> CheckNotRevoked(
    const Registrar& registrar, const wire::RevocationEvidence& enclosed,
    const wire::RevocationEvidence& fetched, const Verifier& verifier,
    absl::Time now) {
  wire::RevocationEvidence all = enclosed;
  all.crls_der.insert(all.crls_der.end(), fetched.crls_der.begin(),
                      fetched.crls_der.end());
  all.ocsp_responses_der.insert(all.ocsp_responses_der.end(),
                                fetched.ocsp_responses_der.begin(),
                                fetched.ocsp_responses_der.end());
  RevocationState state = StateOf(registrar, all, verifier, now);
  if (state.revoked) {
    return Refuse(Reason::kRegistrarRevoked,
                  "a certificate of the registrar's chain is revoked");
  }
  return state;
}

absl::Status CheckRevocation(const RevocationState& state,
                             const masa::v1::Product& product) {
  if (product.revocation() != masa::v1::REVOCATION_RULE_REQUIRED) {
    return absl::OkStatus();
  }
  if (state.is_cut_short) {
    return Refuse(Reason::kRevocationUnknown,
                  "devices of this product need fresh word that the "
                  "registrar's chain is not revoked, and the certificate that "
                  "issued its top is not enclosed; enclose it");
  }
  return state.unproven.empty()
             ? absl::OkStatus()
             : Refuse(Reason::kRevocationUnknown,
                      "devices of this product need fresh word that the "
                      "registrar's chain is not revoked, and its CRL or OCSP "
                      "server gave none; enclose an OCSP response or retry");
}

}  // namespace masa::voucher
