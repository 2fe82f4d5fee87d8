#include "services/issuance/sign_histories.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "services/merkle/merkle_tree.h"
#include "services/status/macros.h"

namespace masa::issuance {
namespace {

signing::ToBeSigned Prepare(const storage::OwnershipBatch& batch) {
  const wire::OwnershipRoot root = {batch.tenant_id, batch.batch_id,
                                    static_cast<uint32_t>(batch.leaves.size()),
                                    merkle::RootOf(batch.leaves)};
  return signing::ToBeSigned::OwnershipRoot(wire::EncodeOwnershipRoot(root),
                                            root);
}

// A batch's id is a UUIDv7, whose first 48 bits are milliseconds since 1970.
absl::Time TimeOf(const storage::OwnershipBatch& batch) {
  constexpr size_t kTimeOctets = 6;
  int64_t millis = 0;
  for (size_t i = 0; i < kTimeOctets && i < batch.batch_id.size(); ++i) {
    millis = millis * 256 + static_cast<uint8_t>(batch.batch_id[i]);
  }
  return absl::FromUnixMillis(millis);
}

}  // namespace

absl::StatusOr<int> SignHistories::SignFor(const RequestContext& context,
                                           const masa::v1::Tenant& tenant,
                                           int limit) {
  MASA_ASSIGN_OR_RETURN(
      const std::vector<storage::OwnershipBatch> batches,
      histories_.ListUnsigned(context, tenant.tenant_id(), limit));
  if (batches.empty()) {
    return 0;
  }
  MASA_ASSIGN_OR_RETURN(
      const std::string key,
      signer_.InForce(context, tenant.ownership_signing_key()));
  MASA_ASSIGN_OR_RETURN(const signing::KeyDescription description,
                        signer_.Describe(context, key));
  std::vector<signing::ToBeSigned> items;
  for (const storage::OwnershipBatch& batch : batches) {
    items.push_back(Prepare(batch));
  }
  auto made = signer_.Sign(context, key, items);
  std::vector<storage::BatchSignature> signatures;
  absl::Status failed;
  for (size_t i = 0; i < batches.size(); ++i) {
    if (made[i].ok()) {
      signatures.push_back({batches[i].batch_id, key, *std::move(made[i]),
                            description.chain_der, clock_.Now()});
    } else {
      failed = made[i].status();
    }
  }
  MASA_RETURN_IF_ERROR(histories_.KeepSignatures(context, signatures));
  MASA_RETURN_IF_ERROR(failed);
  return static_cast<int>(signatures.size());
}

absl::StatusOr<int> SignHistories::SignSome(const RequestContext& context,
                                            int limit) {
  MASA_ASSIGN_OR_RETURN(const auto policies, policies_.Current(context));
  int count = 0;
  absl::Status failed;
  for (const masa::v1::Tenant& tenant : policies->Tenants()) {
    if (tenant.ownership_signing_key().empty()) {
      continue;
    }
    const absl::StatusOr<int> done = SignFor(context, tenant, limit);
    if (done.ok()) {
      count += *done;
    } else {
      failed = done.status();
    }
  }
  MASA_RETURN_IF_ERROR(failed);
  return count;
}

absl::StatusOr<absl::Duration> SignHistories::UnsignedFor(
    const RequestContext& context) {
  constexpr int kLookedAt = 16;
  MASA_ASSIGN_OR_RETURN(const auto policies, policies_.Current(context));
  const absl::Time now = clock_.Now();
  absl::Time oldest = now;
  for (const masa::v1::Tenant& tenant : policies->Tenants()) {
    if (tenant.ownership_signing_key().empty()) {
      continue;
    }
    MASA_ASSIGN_OR_RETURN(
        const auto batches,
        histories_.ListUnsigned(context, tenant.tenant_id(), kLookedAt));
    for (const storage::OwnershipBatch& batch : batches) {
      oldest = std::min(oldest, TimeOf(batch));
    }
  }
  return now - oldest;
}

}  // namespace masa::issuance
