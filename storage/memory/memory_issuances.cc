// What is read of a device's vouchers.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "services/status/reason.h"
#include "storage/memory/memory_store.h"

namespace masa::storage {
namespace {

absl::Status Unavailable() {
  return Refuse(Reason::kStoreUnavailable, "the store cannot be reached");
}

// What rules and the audit log are told of a voucher.
IssuedVoucher Told(const IssuedVoucher& voucher) {
  IssuedVoucher told;
  told.bucket = voucher.bucket;
  told.device_id = voucher.device_id;
  told.voucher_id = voucher.voucher_id;
  told.assertion = voucher.assertion;
  told.nonce = voucher.nonce;
  told.created_on = voucher.created_on;
  told.domain_id = voucher.domain_id;
  told.pinned_spki_sha256 = voucher.pinned_spki_sha256;
  told.issuer_spki_sha256 = voucher.issuer_spki_sha256;
  told.prior_digest = voucher.prior_digest;
  return told;
}

bool IsOf(const IssuedVoucher& voucher,
          const std::vector<std::string>& chain_spki_sha256) {
  const auto& chain = chain_spki_sha256;
  return std::find(chain.begin(), chain.end(), voucher.pinned_spki_sha256) !=
             chain.end() ||
         (chain.size() > 1 && !chain[1].empty() &&
          voucher.issuer_spki_sha256 == chain[1]);
}

}  // namespace

std::vector<IssuedVoucher> MemoryStore::VouchersOf(
    int16_t bucket, const std::string& device_id) const {
  std::vector<IssuedVoucher> found;
  const VoucherKey first = {bucket, device_id, "", 0};
  for (auto at = vouchers_.lower_bound(first);
       at != vouchers_.end() && at->second.bucket == bucket &&
       at->second.device_id == device_id;
       ++at) {
    found.push_back(at->second);
  }
  std::sort(found.begin(), found.end(),
            [](const IssuedVoucher& a, const IssuedVoucher& b) {
              return std::tie(b.created_on, b.voucher_id) <
                     std::tie(a.created_on, a.voucher_id);
            });
  return found;
}

absl::StatusOr<std::vector<IssuedVoucher>> MemoryStore::ListForDevice(
    const RequestContext& context, int16_t bucket, const std::string& device_id,
    int limit) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  std::vector<IssuedVoucher> found = VouchersOf(bucket, device_id);
  if (found.size() > static_cast<size_t>(std::max(limit, 0))) {
    found.resize(static_cast<size_t>(std::max(limit, 0)));
  }
  return found;
}

absl::StatusOr<std::vector<IssuedVoucher>> MemoryStore::ReadForRules(
    const RequestContext& context, const RulesQuestion& question) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  bool own = false, own_nonceless = false, other = false, reused = false;
  // Whether a voucher is the first that `is` so.
  const auto first = [](bool is, bool& seen) {
    return is && !std::exchange(seen, true);
  };
  std::vector<IssuedVoucher> answer;
  const auto all = VouchersOf(question.bucket, question.device_id);
  for (const IssuedVoucher& voucher : all) {
    const bool is_own = IsOf(voucher, question.chain_spki_sha256);
    const bool is_reuse = !is_own && !question.prior_digest.empty() &&
                          voucher.prior_digest == question.prior_digest;
    bool is_asked = &voucher == &all.back();
    is_asked |= first(is_own, own);
    is_asked |= first(is_own && !voucher.nonce, own_nonceless);
    is_asked |= first(!is_own, other);
    is_asked |= first(is_reuse, reused);
    if (is_asked) {
      answer.push_back(Told(voucher));
    }
  }
  return answer;
}

absl::StatusOr<IssuanceSummary> MemoryStore::Summarize(
    const RequestContext& context, int16_t bucket, const std::string& device_id,
    int limit) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  IssuanceSummary summary;
  std::map<std::pair<std::string, bool>, size_t> places;
  for (const IssuedVoucher& voucher : VouchersOf(bucket, device_id)) {
    const bool is_nonced = voucher.nonce.has_value();
    const auto [place, is_first] = places.emplace(
        std::pair(voucher.domain_id, is_nonced), summary.entries.size());
    if (is_first) {
      summary.entries.push_back({Told(voucher), 0});
      continue;
    }
    ++summary.entries[place->second].older;
    ++(is_nonced ? summary.older_nonced : summary.older_nonceless);
  }
  const size_t most = static_cast<size_t>(std::max(limit, 1));
  if (summary.entries.size() > most) {
    summary.unlisted = summary.entries.size() - most;
    summary.entries.resize(most);
  }
  return summary;
}

}  // namespace masa::storage
