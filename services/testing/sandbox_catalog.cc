#include "services/testing/sandbox_catalog.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "openssl/mem.h"
#include "openssl/sha.h"
#include "openssl/x509.h"

namespace masa::testing {
namespace {

// SHA-256 of the SubjectPublicKeyInfo.
std::string KeyHashOf(const Identity& identity) {
  uint8_t* der = nullptr;
  const int length = i2d_PUBKEY(identity.key.get(), &der);
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(der, length, reinterpret_cast<uint8_t*>(hash.data()));
  OPENSSL_free(der);
  return hash;
}

}  // namespace

std::string SandboxCatalog(const SandboxIdentities& of,
                           const SandboxChoices& choices) {
  constexpr char kTenant[] = R"(tenants:
  - tenant_id: acme
    display_name: Acme devices
    iana_enterprise_number: 32473
    host_names: [masa.example, localhost, 127.0.0.1, est.masa.example,
      cloud.masa.example]
    is_default: true
    ownership_signing_key: acme-ownership
$PROFILES    idevid_anchors_der:
      - )";
  // The URLs are the status port's, which is three above the HTTPS port.
  constexpr char kProfiles[] = R"(    enrollment_profiles:
      - label: factory
        is_default: true
        kind: ENROLLMENT_KIND_IDEVID
        signing_key: acme-idevid
        keys: [ENROLLMENT_KEY_P256, ENROLLMENT_KEY_P384, ENROLLMENT_KEY_ED25519, ENROLLMENT_KEY_RSA]
        product_id: default
        masa_url: masa.example
        crl_url: $STATUS/crl/factory.crl
        ocsp_url: $STATUS/ocsp
        factory_lines:
          - name: demo-line
            spki_sha256: $LINE
      - label: keygen
        kind: ENROLLMENT_KIND_IDEVID
        signing_key: acme-idevid
        keys: [ENROLLMENT_KEY_P256]
        server_keygen: true
        product_id: default
        masa_url: masa.example
        crl_url: $STATUS/crl/keygen.crl
        ocsp_url: $STATUS/ocsp
        factory_lines:
          - name: demo-line
            spki_sha256: $LINE
)";
  constexpr char kProducts[] = R"(
products:
  - tenant_id: acme
    product_id: default
    formats: [FORMAT_CMS_JSON, FORMAT_JWS_JSON, FORMAT_COSE_CBOR]
    ownership: OWNERSHIP_RULE_ANY_DOMAIN
    nonceless: NONCELESS_RULE_REFUSED
    proximity_mismatch: PROXIMITY_MISMATCH_RULE_REJECT
    pin: PIN_RULE_LOWEST_CA
    preferred_assertion: ASSERTION_PROXIMITY
    nonceless_lifetime: 1200s
    created_on_window: 86400s
    signing_key: acme-voucher
    nonceless_signing_key: acme-nonceless
  - tenant_id: acme
    product_id: owned
    formats: [FORMAT_CMS_JSON, FORMAT_JWS_JSON, FORMAT_COSE_CBOR]
    ownership: OWNERSHIP_RULE_REQUIRED
    nonceless: NONCELESS_RULE_OWNER
    proximity_mismatch: PROXIMITY_MISMATCH_RULE_REJECT
    pin: PIN_RULE_LOWEST_CA
    preferred_assertion: ASSERTION_VERIFIED
    nonceless_lifetime: 1200s
    created_on_window: 86400s
    signing_key: acme-voucher
    nonceless_signing_key: acme-nonceless
  - tenant_id: acme
    product_id: prm
    formats: [FORMAT_JWS_JSON]
    ownership: OWNERSHIP_RULE_ANY_DOMAIN
    nonceless: NONCELESS_RULE_REFUSED
    proximity_mismatch: PROXIMITY_MISMATCH_RULE_REJECT
    responder_mode: true
    agent_signed_date_checked: true
    signing_key: acme-voucher
  - tenant_id: acme
    product_id: constrained
    formats: [FORMAT_COSE_CBOR]
    ownership: OWNERSHIP_RULE_ANY_DOMAIN
    nonceless: NONCELESS_RULE_REFUSED
    proximity_mismatch: PROXIMITY_MISMATCH_RULE_REJECT
    pin: PIN_RULE_REGISTRAR_PUBK
    signing_key: acme-voucher
  - tenant_id: acme
    product_id: compat
    formats: [FORMAT_CMS_JSON, FORMAT_COSE_CBOR]
    ownership: OWNERSHIP_RULE_ANY_DOMAIN
    nonceless: NONCELESS_RULE_REFUSED
    proximity_mismatch: PROXIMITY_MISMATCH_RULE_REJECT
    compatibility: true
    signing_key: acme-voucher
organizations:
  - tenant_id: acme
    organization_id: org-acme
    display_name: Demo customer
  - tenant_id: acme
    organization_id: org-other
    display_name: Another customer
access_bindings:
  - tenant_id: acme
    organization_id: org-acme
    username: owner
    account_type: ACCOUNT_TYPE_SERVICE_ACCOUNT
    role: GROUP_ROLE_ADMIN
  - tenant_id: acme
    organization_id: org-other
    username: stranger
    account_type: ACCOUNT_TYPE_SERVICE_ACCOUNT
    role: GROUP_ROLE_ADMIN
domain_certs:
  - tenant_id: acme
    organization_id: org-acme
    cert_id: demo-domain-ca
    certificate_der: )";
  constexpr char kRegistrarLimit[] = R"(
    registrar_limit: {vouchers: 60, interval: 60s})";
  constexpr char kSigningKey[] = "    signing_key: acme-voucher\n";
  const std::string products =
      choices.limits
          ? absl::StrReplaceAll(
                kProducts,
                {{kSigningKey,
                  absl::StrCat(kSigningKey, "    claim_interval: 60s\n")}})
          : kProducts;
  const std::string tenant = absl::StrReplaceAll(
      kTenant,
      {{"$PROFILES",
        absl::StrReplaceAll(
            kProfiles, {{"$STATUS", choices.status_url},
                        {"$LINE", absl::Base64Escape(KeyHashOf(of.line))}})}});
  return absl::StrCat(tenant, absl::Base64Escape(of.idevid_ca.CertificateDer()),
                      choices.limits ? kRegistrarLimit : "", products,
                      absl::Base64Escape(of.domain_ca.CertificateDer()), "\n");
}

}  // namespace masa::testing
