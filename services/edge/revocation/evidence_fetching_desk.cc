#include "services/edge/revocation/evidence_fetching_desk.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "services/status/reason.h"
#include "services/voucher/judge.h"
#include "services/voucher/revocation.h"
#include "services/wire/jws.h"
#include "services/wire/reception.h"
#include "services/wire/revocation.h"

namespace masa::edge {
namespace {

// What one request may cost: so many certificates' servers, so many of each,
// and so long in all, whatever the chain names.
constexpr size_t kMostCertificates = 3;
constexpr size_t kMostServers = 2;
constexpr absl::Duration kMostTime = absl::Seconds(4);

// Looks for the two extensions in octets that hold certificates as they are.
bool HasServers(absl::string_view octets) {
  constexpr absl::string_view kCrlPoints("\x06\x03\x55\x1d\x1f", 5);
  constexpr absl::string_view kInfoAccess(
      "\x06\x08\x2b\x06\x01\x05\x05\x07\x01\x01", 10);
  return absl::StrContains(octets, kCrlPoints) ||
         absl::StrContains(octets, kInfoAccess);
}

// Quickly, for the many requests whose chains name none; true may be wrong.
bool MayNameServers(const wire::Reception& reception) {
  if (reception.format != masa::v1::FORMAT_JWS_JSON) {
    return HasServers(reception.artifact);
  }
  const auto enclosed = wire::EnclosedInJws(reception.artifact);
  return std::any_of(enclosed.begin(), enclosed.end(), HasServers);
}

bool NamesServers(const wire::SignedArtifact& artifact) {
  return std::any_of(artifact.certificates.begin(), artifact.certificates.end(),
                     [](const wire::Certificate& one) {
                       return !one->crl_urls.empty() || !one->ocsp_urls.empty();
                     });
}

// The request, where servers are named in it.
std::optional<wire::VoucherRequest> NamingServers(
    const issuance::RegistrarCall& call) {
  const auto reception = wire::Receive(call.content_type, call.body, true);
  if (!reception.ok() || !MayNameServers(*reception)) {
    return std::nullopt;
  }
  auto request =
      wire::ParseVoucherRequest(reception->format, reception->artifact);
  if (!request.ok() || !NamesServers(request->artifact)) {
    return std::nullopt;
  }
  return *std::move(request);
}

void AskOcsp(const voucher::Unproven& of, fetch::Fetcher& fetcher,
             absl::Time deadline, wire::RevocationEvidence* evidence) {
  const auto& urls = of.certificate->ocsp_urls;
  for (size_t i = 0; i < std::min(urls.size(), kMostServers); ++i) {
    auto answer = fetcher.Fetch(
        {urls[i], wire::EncodeOcspRequest(of.certificate, of.issuer),
         "application/ocsp-request"},
        deadline);
    if (answer.ok()) {
      evidence->ocsp_responses_der.push_back(*std::move(answer));
      return;
    }
  }
}

void AskCrl(const voucher::Unproven& of, fetch::Fetcher& fetcher,
            absl::Time deadline, wire::RevocationEvidence* evidence) {
  const auto& urls = of.certificate->crl_urls;
  for (size_t i = 0; i < std::min(urls.size(), kMostServers); ++i) {
    auto answer = fetcher.Fetch({urls[i], "", ""}, deadline);
    if (answer.ok()) {
      evidence->crls_der.push_back(*std::move(answer));
      return;
    }
  }
}

}  // namespace

wire::RevocationEvidence EvidenceFetchingDesk::Gather(
    const issuance::RegistrarCall& call) {
  wire::RevocationEvidence fetched;
  const absl::Time now = clock_.Now();
  const auto request = NamingServers(call);
  if (!request) {
    return fetched;
  }
  const auto registrar = voucher::CheckRegistrar(*request, verifier_, now);
  if (!registrar.ok()) {
    return fetched;
  }
  const absl::Time deadline = std::min(call.context.deadline, now + kMostTime);
  // OCSP first: its answers are small. What is revoked needs no more word.
  for (const auto ask : {AskOcsp, AskCrl}) {
    const auto state = voucher::CheckNotRevoked(
        *registrar, request->artifact.evidence, fetched, verifier_, now);
    const size_t count =
        state.ok() ? std::min(state->unproven.size(), kMostCertificates) : 0;
    for (size_t i = 0; i < count; ++i) {
      ask(state->unproven[i], fetcher_, deadline, &fetched);
    }
  }
  return fetched;
}

void EvidenceFetchingDesk::FetchThenAsk(issuance::PendingCall pending) {
  auto held = std::make_shared<issuance::PendingCall>(std::move(pending));
  const bool taken = executor_.TrySubmit([this, held] {
    held->call.evidence = Gather(held->call);
    std::vector<issuance::PendingCall> calls;
    calls.push_back(std::move(*held));
    desk_.RequestVouchers(std::move(calls));
  });
  if (!taken) {
    held->respond(Refuse(Reason::kOverloaded,
                         "too many requests are waiting; try again later"));
  }
}

void EvidenceFetchingDesk::RequestVouchers(
    std::vector<issuance::PendingCall> calls) {
  const auto naming = std::stable_partition(
      calls.begin(), calls.end(), [](const issuance::PendingCall& one) {
        return !NamingServers(one.call).has_value();
      });
  for (auto one = naming; one != calls.end(); ++one) {
    FetchThenAsk(std::move(*one));
  }
  calls.erase(naming, calls.end());
  if (!calls.empty()) {
    desk_.RequestVouchers(std::move(calls));
  }
}

absl::StatusOr<issuance::RegistrarAnswer> EvidenceFetchingDesk::RequestAuditLog(
    const issuance::RegistrarCall& call) {
  issuance::RegistrarCall with_evidence = call;
  with_evidence.evidence = Gather(call);
  return desk_.RequestAuditLog(with_evidence);
}

}  // namespace masa::edge
