#include "services/issuance/voucher_batch.h"

#include "absl/strings/escaping.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {

std::vector<absl::StatusOr<std::string>> MakeCmsVouchers(
    const RequestContext& context, absl::Span<const wire::Voucher> vouchers,
    const wire::CmsTemplate& cms, signing::Signer& signer,
    const std::string& key) {
  std::vector<signing::ToBeSigned> items;
  items.reserve(vouchers.size());
  const std::string* pin_der = nullptr;
  std::string pin_base64;
  for (const wire::Voucher& voucher : vouchers) {
    // Batches mostly pin one certificate; its base64 is made once.
    if (pin_der == nullptr || *pin_der != voucher.pinned_domain_cert_der) {
      pin_der = &voucher.pinned_domain_cert_der;
      absl::Base64Escape(*pin_der, &pin_base64);
    }
    std::string content = wire::EncodeVoucherJson(voucher, pin_base64);
    std::string attributes =
        cms.EncodeSignedAttributes(content, voucher.created_on);
    items.push_back(signing::ToBeSigned::VoucherCms(
        std::move(attributes), std::move(content), voucher));
  }
  auto made = signer.Sign(context, key, items);
  for (size_t i = 0; i < made.size(); ++i) {
    if (made[i].ok()) {
      made[i] = cms.Finish(items[i].content(), items[i].octets(), *made[i]);
    }
  }
  return made;
}

absl::StatusOr<std::shared_ptr<const wire::CmsTemplate>> CmsTemplates::For(
    const RequestContext& context, const std::string& key, bool id_data) {
  constexpr absl::Duration kMaxAge = absl::Minutes(1);
  const absl::Time now = clock_.Now();
  {
    absl::MutexLock lock(&mutex_);
    const auto found = entries_.find({key, id_data});
    if (found != entries_.end() && now - found->second.made_at < kMaxAge) {
      return found->second.cms;
    }
  }
  MASA_ASSIGN_OR_RETURN(const signing::KeyDescription description,
                        signer_.Describe(context, key));
  MASA_ASSIGN_OR_RETURN(
      wire::CmsTemplate cms,
      wire::CmsTemplate::Create(description.chain_der, description.algorithm,
                                id_data));
  auto shared = std::make_shared<const wire::CmsTemplate>(std::move(cms));
  absl::MutexLock lock(&mutex_);
  entries_[{key, id_data}] = Entry{shared, now};
  return shared;
}

}  // namespace masa::issuance
