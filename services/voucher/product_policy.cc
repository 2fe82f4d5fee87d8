#include "services/voucher/product_policy.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
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

absl::Duration ClaimInterval(const masa::v1::Product& product) {
  return OrDefault(product.has_claim_interval(), product.claim_interval(),
                   absl::ZeroDuration());
}

absl::Duration Retention(const masa::v1::Tenant& tenant) {
  return OrDefault(tenant.has_retention(), tenant.retention(),
                   absl::Hours(24 * 400));
}

absl::Duration RegistrarInterval(const masa::v1::Tenant& tenant) {
  return OrDefault(tenant.registrar_limit().has_interval(),
                   tenant.registrar_limit().interval(), absl::ZeroDuration());
}

const std::string& SigningKeyFor(const masa::v1::Product& product,
                                 const storage::Device& device,
                                 bool nonceless) {
  const auto batch = device.labels.find("batch");
  for (const masa::v1::BatchKey& own : product.batch_signing_keys()) {
    if (batch != device.labels.end() && own.batch() == batch->second) {
      return own.signing_key();
    }
  }
  return nonceless && !product.nonceless_signing_key().empty()
             ? product.nonceless_signing_key()
             : product.signing_key();
}

bool PinsRawKey(const masa::v1::Product& product) {
  return product.pin() == masa::v1::PIN_RULE_REGISTRAR_PUBK ||
         product.pin() == masa::v1::PIN_RULE_REGISTRAR_PUBK_SHA256;
}

bool LooksAtClaims(const masa::v1::Product& product) {
  return product.ownership() == masa::v1::OWNERSHIP_RULE_FIRST_CLAIM ||
         product.has_claim_interval();
}

std::set<std::string> SigningKeysOf(const masa::v1::Product& product) {
  std::set<std::string> keys = {product.signing_key()};
  if (!product.nonceless_signing_key().empty()) {
    keys.insert(product.nonceless_signing_key());
  }
  for (const masa::v1::BatchKey& own : product.batch_signing_keys()) {
    keys.insert(own.signing_key());
  }
  return keys;
}

namespace {

// Fields that make no sense together.
absl::Status CheckCombinations(const std::string& name,
                               const masa::v1::Product& product) {
  const auto& formats = product.formats();
  const auto has = [&formats](masa::v1::Format format) {
    return std::find(formats.begin(), formats.end(), format) != formats.end();
  };
  // VI-08: without a clock, an end means nothing.
  if (product.clock() == masa::v1::CLOCK_RULE_NONE &&
      product.nonceless() == masa::v1::NONCELESS_RULE_OWNER &&
      !product.nonceless_without_expiry()) {
    return Wrong(name,
                 "devices without a clock (clock: CLOCK_RULE_NONE) get no "
                 "vouchers that expire; set nonceless_without_expiry or refuse "
                 "nonceless vouchers");
  }
  if (product.responder_mode() && !has(masa::v1::FORMAT_JWS_JSON)) {
    return Wrong(name, "responder_mode needs FORMAT_JWS_JSON among formats");
  }
  if (product.domain_cert_revocation_checks() && PinsRawKey(product)) {
    return Wrong(name,
                 "domain_cert_revocation_checks says nothing of a pinned key");
  }
  return absl::OkStatus();
}

}  // namespace

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
      NoncelessLifetime(product) <= absl::ZeroDuration() ||
      ClaimInterval(product) < absl::ZeroDuration()) {
    return Wrong(name,
                 "created_on_window, nonceless_lifetime and claim_interval are "
                 "positive");
  }
  return CheckCombinations(name, product);
}

absl::Status CheckSigner(const std::string& key,
                         const std::vector<std::string>& chain_der,
                         const masa::v1::Tenant& tenant,
                         const masa::v1::Product& product) {
  std::vector<std::string> idevid_keys;
  for (const std::string& der : tenant.idevid_anchors_der()) {
    const auto anchor = wire::Certificate::Parse(der);
    if (anchor.ok()) {
      idevid_keys.push_back((*anchor)->spki_sha256);
    }
  }
  for (const std::string& der : chain_der) {
    MASA_ASSIGN_OR_RETURN(const wire::Certificate one,
                          wire::Certificate::Parse(der));
    if (std::find(idevid_keys.begin(), idevid_keys.end(), one->spki_sha256) !=
        idevid_keys.end()) {
      return Wrong(absl::StrCat("signing key ", key),
                   "its chain holds a CA that issues IDevIDs, so that every "
                   "device could sign vouchers");
    }
  }
  const std::string& marker = product.signer_policy_oid();
  if (marker.empty()) {
    return absl::OkStatus();
  }
  MASA_ASSIGN_OR_RETURN(const wire::Certificate signer,
                        wire::Certificate::Parse(chain_der.front()));
  const auto& oids = signer->policy_oids;
  return std::find(oids.begin(), oids.end(), marker) != oids.end()
             ? absl::OkStatus()
             : Wrong(absl::StrCat("signing key ", key),
                     absl::StrCat("its certificate lacks the policy ", marker,
                                  " that this product's devices look for"));
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
  if (tenant.has_registrar_limit() &&
      (tenant.registrar_limit().vouchers() == 0 ||
       RegistrarInterval(tenant) < absl::Seconds(1) ||
       RegistrarInterval(tenant) > absl::Hours(24))) {
    return Wrong(name,
                 "registrar_limit needs vouchers and an interval from one "
                 "second to a day");
  }
  if (Retention(tenant) < absl::Hours(24)) {
    return Wrong(name, "retention is at least a day (86400s)");
  }
  for (const auto& blocked : tenant.blocked_idevid_issuers()) {
    if (blocked.key_id().empty()) {
      return Wrong(name, "an entry of blocked_idevid_issuers has no key_id");
    }
  }
  for (const std::string& hash : tenant.public_ca_spki_sha256()) {
    if (hash.size() != 32) {
      return Wrong(name, "an entry of public_ca_spki_sha256 is not 32 octets");
    }
  }
  return absl::OkStatus();
}

}  // namespace masa::voucher
