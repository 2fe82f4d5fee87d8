// The step of an enrolment that turns what was decided into certificates.
#include <algorithm>
#include <map>
#include <utility>

#include "services/enrollment/profile.h"
#include "services/issuance/enrollment_steps.h"
#include "services/issuance/ocsp_answers.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/x509_write.h"

namespace masa::issuance {
namespace {

// All of one key: certificates, then what is told of them.
struct Turn {
  std::vector<Application*> of;
  std::vector<std::string> tbs_der;
  std::vector<OcspDraft> drafts;  // of each, or of none
  std::vector<signing::ToBeSigned> items;
};

bool SignsStatuses(const CaKey& ca) {
  const auto& kinds = ca.key.kinds;
  return std::find(kinds.begin(), kinds.end(), signing::Kind::kOcspResponse) !=
         kinds.end();
}

OcspDraft DraftOf(const Application& one, absl::Time now) {
  OcspOrder order;
  order.certificate.serial = one.form->serial;
  return DraftFor(order, *one.ca, now, enrollment::OcspTimeOf(*one.profile));
}

std::map<std::string, Turn> TurnsOf(Applications& applications,
                                    absl::Time now) {
  std::map<std::string, Turn> turns;
  ForEachEnrollment(applications, [&](Application& one) -> absl::Status {
    MASA_ASSIGN_OR_RETURN(std::string tbs_der,
                          wire::EncodeTbsCertificate(*one.form));
    Turn& turn = turns[one.ca->key.name];
    turn.of.push_back(&one);
    turn.items.push_back(signing::ToBeSigned::Certificate(tbs_der, *one.form));
    turn.tbs_der.push_back(std::move(tbs_der));
    return absl::OkStatus();
  });
  for (auto& [key, turn] : turns) {
    if (SignsStatuses(*turn.of.front()->ca)) {
      for (const Application* one : turn.of) {
        turn.drafts.push_back(DraftOf(*one, now));
        turn.items.push_back(turn.drafts.back().Item());
      }
    }
  }
  return turns;
}

// What stands next to the key has read these octets back (signing/lint.h).
absl::StatusOr<std::string> WholeOf(const std::string& tbs_der,
                                    SignatureAlgorithm algorithm,
                                    const absl::StatusOr<std::string>& made) {
  MASA_ASSIGN_OR_RETURN(const std::string signature, made);
  std::string der = wire::SignedDer(tbs_der, algorithm, signature);
  MASA_ASSIGN_OR_RETURN(const wire::SignedParts parts,
                        wire::PartsOfSigned(der));
  return parts.tbs_der == tbs_der
             ? absl::StatusOr<std::string>(std::move(der))
             : absl::InternalError("the certificate is not what was signed");
}

void Take(Turn& turn,
          const std::vector<absl::StatusOr<std::string>>& signatures) {
  const size_t count = turn.of.size();
  for (size_t i = 0; i < count; ++i) {
    Application& one = *turn.of[i];
    auto whole = WholeOf(turn.tbs_der[i], one.form->algorithm, signatures[i]);
    if (!whole.ok()) {
      one.fate = whole.status();
      continue;
    }
    one.certificate_der = *std::move(whole);
    // Where this one failed, its turn comes at once (SignStatuses).
    if (!turn.drafts.empty() && signatures[count + i].ok()) {
      one.status =
          StatusOf(std::move(turn.drafts[i]), *one.ca, *signatures[count + i]);
    }
  }
}

}  // namespace

void SignCertificates(const EnrollmentTools& tools, Applications& applications,
                      absl::Time now) {
  for (auto& [key, turn] : TurnsOf(applications, now)) {
    Take(turn, tools.signer.Sign(SharedContext(applications), key, turn.items));
  }
}

}  // namespace masa::issuance
