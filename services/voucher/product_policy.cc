#include "services/voucher/product_policy.h"

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"
#include "services/wire/certificate.h"

namespace masa::voucher {
namespace {

absl::Duration OrDefault(bool set, const google::protobuf::Duration& value,
                         absl::Duration fallback) {
  return set ? absl::Seconds(value.seconds()) + absl::Nanoseconds(value.nanos())
             : fallback;
}

absl::Status Wrong(const std::string& record, absl::string_view what) {
  return Refuse(Reason::kMisconfigured, absl::StrCat(record, ": ", what));
}

}  // namespace

absl::Duration CreatedOnWindow(const masa::v1::Product& product) {
  return OrDefault(product.has_created_on_window(), product.created_on_window(),
                   absl::Hours(24));
}

absl::Duration NoncelessLifetime(const masa::v1::Product& product) {
  return OrDefault(product.has_nonceless_lifetime(),
                   product.nonceless_lifetime(), absl::Minutes(20));
}

const std::string& SigningKeyFor(const masa::v1::Product& product,
                                 bool nonceless) {
  return nonceless && !product.nonceless_signing_key().empty()
             ? product.nonceless_signing_key()
             : product.signing_key();
}

absl::Status CheckProduct(const masa::v1::Product& product) {
  const std::string name =
      absl::StrCat("product ", product.tenant_id(), "/", product.product_id());
  if (product.tenant_id().empty() || product.product_id().empty()) {
    return Wrong(name, "tenant_id and product_id are needed");
  }
  if (product.formats().empty()) {
    return Wrong(name, "formats names no format");
  }
  for (const int format : product.formats()) {
    if (format < masa::v1::FORMAT_CMS_JSON ||
        format > masa::v1::FORMAT_COSE_CBOR) {
      return Wrong(name, "formats names one that is not known");
    }
  }
  if (product.ownership() == masa::v1::OWNERSHIP_RULE_UNSPECIFIED) {
    return Wrong(name, "ownership is needed");
  }
  if (product.signing_key().empty()) {
    return Wrong(name, "signing_key is needed");
  }
  if (CreatedOnWindow(product) <= absl::ZeroDuration() ||
      NoncelessLifetime(product) <= absl::ZeroDuration()) {
    return Wrong(name, "created_on_window and nonceless_lifetime are positive");
  }
  return absl::OkStatus();
}

absl::Status CheckTenant(const masa::v1::Tenant& tenant) {
  const std::string name = absl::StrCat("tenant ", tenant.tenant_id());
  if (tenant.tenant_id().empty()) {
    return Wrong(name, "tenant_id is needed");
  }
  if (tenant.idevid_anchors_der().empty()) {
    return Wrong(name, "idevid_anchors_der names no certificate");
  }
  for (const std::string& der : tenant.idevid_anchors_der()) {
    if (!wire::Certificate::Parse(der).ok()) {
      return Wrong(name, "an entry of idevid_anchors_der is no certificate");
    }
  }
  return absl::OkStatus();
}

}  // namespace masa::voucher
