#include "storage/contract/store_contract.h"

#include <algorithm>

#include "storage/audit_event.h"

namespace masa::storage {

void StoreContract::SetUp() {
  stores_ = GetParam()();
  ASSERT_NE(stores_, nullptr);
  testing::CertificateSpec spec;
  spec.common_name = "domain";
  spec.not_before = now_;
  spec.not_after = now_ + absl::Hours(24);
  spec.is_ca = true;
  domain_ = testing::MakeIdentity(spec);
  for (const char* tenant : {"a", "b"}) {
    catalog_.add_tenants()->set_tenant_id(tenant);
    auto* product = catalog_.add_products();
    product->set_tenant_id(tenant);
    product->set_product_id("p");
    product->add_formats(masa::v1::FORMAT_CMS_JSON);
    for (const char* id : {"o", "q"}) {
      auto* organization = catalog_.add_organizations();
      organization->set_tenant_id(tenant);
      organization->set_organization_id(id);
    }
  }
  auto* cert = catalog_.add_domain_certs();
  cert->set_tenant_id("a");
  cert->set_organization_id("o");
  cert->set_cert_id("c");
  cert->set_certificate_der(domain_.CertificateDer());
  ASSERT_TRUE(catalog().Apply(context_, "tester", now_, catalog_).ok());
}

int StoreContract::CountEvents(const std::string& kind) {
  const auto kinds = stores_->EventKinds();
  return static_cast<int>(std::count(kinds.begin(), kinds.end(), kind));
}

Device StoreContract::MakeDevice(const std::string& tenant,
                                 const std::string& serial) {
  Device device;
  device.tenant_id = tenant;
  device.serial_number = serial;
  device.product_id = "p";
  device.bucket = BucketOf(tenant, serial);
  device.device_id = DeviceIdOf(tenant, serial, std::nullopt);
  return device;
}

void StoreContract::ImportOne(const Device& device) {
  const auto outcomes =
      devices().Import(context_, "tester", now_, {device}, OnConflict::kFail);
  ASSERT_EQ(outcomes.size(), 1u);
  ASSERT_TRUE(outcomes[0].ok()) << outcomes[0].status();
}

IssuedVoucher StoreContract::MakeVoucher(const Device& device, char digest) {
  IssuedVoucher voucher;
  voucher.created_on = absl::FromUnixMicros(1700000000123456);
  voucher.voucher_id = NewEventId(voucher.created_on);
  voucher.audit_event_id = NewEventId(voucher.created_on);
  voucher.tenant_id = device.tenant_id;
  voucher.device_id = device.device_id;
  voucher.bucket = device.bucket;
  voucher.request_digest = std::string(32, digest);
  voucher.format = masa::v1::FORMAT_CMS_JSON;
  voucher.voucher = std::string("bytes\0\xff of ", 11) + voucher.voucher_id;
  voucher.assertion = masa::v1::ASSERTION_LOGGED;
  voucher.nonce = "{no\"nce\\,NULL}";
  voucher.expires_on = voucher.created_on + absl::Minutes(20);
  voucher.domain_id = std::string(20, 'd');
  voucher.pinned_spki_sha256 = std::string(32, 's');
  voucher.issuer_spki_sha256 = std::string(32, 'i');
  voucher.signing_key = "key";
  voucher.actor = "registrar";
  voucher.request_id = "request-1";
  voucher.prior_digest = std::string(32, 'p');
  return voucher;
}

absl::StatusOr<DeviceAnswer> StoreContract::FindOne(
    const DeviceQuestion& question) {
  return devices().Find(context_, {question}).at(0);
}

}  // namespace masa::storage
