// Standings of domains with devices, by the same records as everything else.
#include <algorithm>
#include <tuple>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/memory/memory_store.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

template <typename Answer>
std::vector<absl::StatusOr<Answer>> Unavailable(size_t count) {
  return std::vector<absl::StatusOr<Answer>>(
      count, Refuse(Reason::kStoreUnavailable, "the store cannot be reached"));
}

// What a StandingStore reads of a device.
void LeaveOutDescription(Device& device) {
  device.idevid_cert_der.clear();
  device.model.clear();
  device.mac_addr.clear();
  device.ek_public_key_der.clear();
  device.labels.clear();
  device.details = {};
  device.created_at.reset();
  device.updated_at.reset();
}

// Of a claim: ids, times, and whose it is.
IssuedVoucher Brief(const IssuedVoucher& voucher) {
  IssuedVoucher claim;
  claim.bucket = voucher.bucket;
  claim.device_id = voucher.device_id;
  claim.voucher_id = voucher.voucher_id;
  claim.created_on = voucher.created_on;
  claim.domain_id = voucher.domain_id;
  claim.pinned_spki_sha256 = voucher.pinned_spki_sha256;
  claim.issuer_spki_sha256 = voucher.issuer_spki_sha256;
  return claim;
}

}  // namespace

absl::StatusOr<StandingFacts> MemoryStore::StandingOf(
    const StandingQuestion& question) const {
  StandingFacts facts;
  MASA_ASSIGN_OR_RETURN(facts.found, FindOne({question.key, ""}));
  facts.found.serial_shared = false;
  LeaveOutDescription(facts.found.device);
  MASA_ASSIGN_OR_RETURN(facts.found.owner_certs,
                        CertsOfKey(facts.found, question.spki_sha256));
  if (question.spki_sha256.empty()) {
    return facts;
  }
  MASA_ASSIGN_OR_RETURN(
      const DomainFacts domain,
      DomainOf({question.key.tenant_id, {question.spki_sha256}}));
  facts.domain.blocked = domain.blocked;
  if (domain.registered()) {
    facts.domain.customers.emplace_back().set_organization_id(
        domain.customers.front().organization_id());
  }
  return facts;
}

absl::StatusOr<std::vector<OwnerCert>> MemoryStore::CertsOfKey(
    const DeviceAnswer& found, const std::string& spki_sha256) const {
  std::vector<OwnerCert> certs;
  const Device& device = found.device;
  const auto tree = trees_.find({device.tenant_id, device.organization_id});
  if (found.owner_certs.empty() || tree == trees_.end()) {
    return certs;
  }
  // In the same order, by id.
  auto place = found.owner_certs.begin();
  for (const auto& [id, cert] : tree->second.certs) {
    OwnerCert one = *place++;
    MASA_ASSIGN_OR_RETURN(one.spki_sha256, SpkiSha256Of(cert.certificate_der));
    if (one.spki_sha256 == spki_sha256) {
      one.cert_id = id;
      certs.push_back(std::move(one));
    }
  }
  return certs;
}

std::vector<absl::StatusOr<StandingFacts>> MemoryStore::ReadStandings(
    const RequestContext& context,
    absl::Span<const StandingQuestion> questions) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable<StandingFacts>(questions.size());
  }
  std::vector<absl::StatusOr<StandingFacts>> answers;
  for (const StandingQuestion& question : questions) {
    answers.push_back(StandingOf(question));
  }
  return answers;
}

std::vector<absl::StatusOr<std::vector<IssuedVoucher>>> MemoryStore::ReadClaims(
    const RequestContext& context, absl::Span<const ClaimsQuestion> questions) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable<std::vector<IssuedVoucher>>(questions.size());
  }
  std::vector<absl::StatusOr<std::vector<IssuedVoucher>>> answers;
  for (const ClaimsQuestion& question : questions) {
    std::vector<const IssuedVoucher*> claims;
    for (const auto& [key, voucher] : vouchers_) {
      if (voucher.bucket == question.bucket &&
          voucher.device_id == question.device_id) {
        claims.push_back(&voucher);
      }
    }
    std::sort(claims.begin(), claims.end(), [](const auto* a, const auto* b) {
      return std::tie(b->created_on, b->voucher_id) <
             std::tie(a->created_on, a->voucher_id);
    });
    std::vector<IssuedVoucher> answer;
    const auto another =
        std::find_if(claims.begin(), claims.end(), [&](const auto* claim) {
          return claim->pinned_spki_sha256 != question.spki_sha256 &&
                 claim->issuer_spki_sha256 != question.spki_sha256;
        });
    if (another != claims.end()) {
      answer.push_back(Brief(**another));
    }
    if (!claims.empty()) {
      answer.push_back(Brief(*claims.back()));
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace masa::storage
