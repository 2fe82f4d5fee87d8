// What must hold for that which strangers send to EST, to the OCSP responder
// and to the cloud registrar.
#include <nlohmann/json.hpp>
#include <string>

#include "services/status/reason.h"
#include "services/wire/certification_request.h"
#include "services/wire/est_messages.h"
#include "services/wire/fuzz/properties.h"
#include "services/wire/pledge_artifact.h"
#include "services/wire/pledge_status.h"
#include "services/wire/revocation.h"
#include "services/wire/status_lists.h"

namespace masa::wire {
namespace {

void Require(bool holds) {
  if (!holds) {
    __builtin_trap();
  }
}

bool Holds(absl::string_view whole, absl::string_view part) {
  return whole.find(part) != absl::string_view::npos;
}

// Whatever is refused here is refused as what it is.
template <typename T>
void RequireMalformed(const absl::StatusOr<T>& parsed) {
  Require(parsed.ok() || ReasonOf(parsed.status()) == Reason::kMalformed);
}

// The text that a device would send to say this.
std::string JsonOf(const PledgeStatus& status) {
  std::string text = "{\"version\":" + std::to_string(status.version) +
                     ",\"status\":" + (status.success ? "true" : "false") +
                     ",\"reason\":" + nlohmann::json(status.reason).dump();
  if (!status.context_json.empty()) {
    text += ",\"reason-context\":" + status.context_json;
  }
  return text + "}";
}

}  // namespace

void CheckCertificationRequest(absl::string_view octets) {
  const auto request = ParseCertificationRequest(octets);
  RequireMalformed(request);
  if (!request.ok()) {
    return;
  }
  Require(request->der == octets);
  Require(!request->spki_der.empty() && Holds(octets, request->spki_der));
  Require(!request->subject_der.empty() && Holds(octets, request->subject_der));
  Require(Holds(octets, request->signature.signed_octets));
  Require(request->subject.size() <= 16 && request->dns_names.size() <= 16);
  (void)ShapeOfKey(request->spki_der);
}

void CheckEstBody(absl::string_view octets) {
  const auto decoded = DecodeEstBody(octets);
  RequireMalformed(decoded);
  for (const bool wrapped : {false, true}) {
    if (decoded.ok() && !decoded->empty()) {
      const auto again = DecodeEstBody(EncodeEstBody(*decoded, wrapped));
      Require(again.ok() && *again == *decoded);
    }
    if (!octets.empty()) {
      const auto ours = DecodeEstBody(EncodeEstBody(octets, wrapped));
      Require(ours.ok() && *ours == octets);
    }
  }
}

void CheckOcspRequest(absl::string_view octets) {
  const auto question = ParseOcspRequest(octets);
  RequireMalformed(question);
  if (!question.ok()) {
    return;
  }
  Require(Holds(octets, question->cert_id_der));
  OcspForm form;
  form.cert_id_der = question->cert_id_der;
  form.this_update = absl::FromUnixSeconds(1'790'000'000);
  form.next_update = form.this_update + absl::Hours(1);
  constexpr auto kAlgorithm = SignatureAlgorithm::kEcdsaP256Sha256;
  const auto answer = ParseOcspResponse(
      EncodeOcspResponse(EncodeOcspData(form), kAlgorithm, "signature"));
  // Whatever is asked can be answered, and the answer is about it.
  Require(answer.ok() && answer->answers.size() == 1);
  Require(answer->answers[0].serial == question->serial);
  Require(answer->answers[0].issuer_key_hash == question->issuer_key_hash);
}

void CheckPledgeStatus(absl::string_view octets) {
  const auto status = ParsePledgeStatus(octets);
  RequireMalformed(status);
  if (!status.ok()) {
    return;
  }
  Require(status->reason.size() <= 1024);
  Require(status->context_json.size() <= 4096);
  Require(status->unknown_keys.size() <= 8);
  const auto again = ParsePledgeStatus(JsonOf(*status));
  Require(again.ok());
  Require(again->version == status->version);
  Require(again->success == status->success);
  Require(again->reason == status->reason);
  Require(again->context_json == status->context_json);
  Require(again->unknown_keys.empty());
}

void CheckPledgeArtifact(absl::string_view octets) {
  const auto stripped = WithoutUnprotected(octets);
  RequireMalformed(stripped);
  if (stripped.ok()) {
    Require(stripped->size() <= octets.size());
    const auto again = WithoutUnprotected(*stripped);
    Require(again.ok() && *again == *stripped);
  }
}

}  // namespace masa::wire
