#include "services/issuance/voucher_batch.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {

std::vector<absl::StatusOr<std::string>> MakeVouchers(
    const RequestContext& context, std::vector<wire::Voucher> vouchers,
    const wire::VoucherTemplate& form, signing::Signer& signer,
    const std::string& key) {
  std::vector<signing::ToBeSigned> items;
  items.reserve(vouchers.size());
  std::string pin_base64;
  for (wire::Voucher& voucher : vouchers) {
    // Batches mostly pin one certificate; its base64 is made once.
    const std::string& pin_der = voucher.pinned_domain_cert_der;
    if (items.empty() ||
        items.back().expected().pinned_domain_cert_der != pin_der) {
      absl::Base64Escape(pin_der, &pin_base64);
    }
    std::string content = form.EncodeContent(voucher, pin_base64);
    std::string octets = form.EncodeToBeSigned(content, voucher.created_on);
    items.push_back(
        signing::ToBeSigned::Voucher(form.format(), std::move(octets),
                                     std::move(content), std::move(voucher)));
  }
  auto made = signer.Sign(context, key, items);
  for (size_t i = 0; i < made.size(); ++i) {
    if (made[i].ok()) {
      made[i] = form.Finish(items[i].content(), items[i].octets(), *made[i]);
    }
  }
  return made;
}

absl::StatusOr<std::shared_ptr<const wire::VoucherTemplate>>
VoucherTemplates::For(const RequestContext& context, const std::string& key,
                      masa::v1::Format format,
                      const masa::v1::Product& product) {
  constexpr absl::Duration kMaxAge = absl::Minutes(1);
  const wire::VoucherStyle style{product.cms_id_data(), product.cose()};
  const auto name = std::make_tuple(key, format, style.cms_id_data,
                                    style.cose.SerializeAsString());
  const absl::Time now = clock_.Now();
  {
    absl::MutexLock lock(&mutex_);
    const auto found = entries_.find(name);
    if (found != entries_.end() && now - found->second.made_at < kMaxAge) {
      return found->second.form;
    }
  }
  MASA_ASSIGN_OR_RETURN(const signing::KeyDescription description,
                        signer_.Describe(context, key));
  MASA_ASSIGN_OR_RETURN(
      wire::VoucherTemplate form,
      wire::VoucherTemplate::Create(format, description.chain_der,
                                    description.algorithm, style));
  auto shared = std::make_shared<const wire::VoucherTemplate>(std::move(form));
  absl::MutexLock lock(&mutex_);
  entries_[name] = Entry{shared, now};
  return shared;
}

}  // namespace masa::issuance
