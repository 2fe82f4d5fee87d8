#include "storage/record_checks.h"

#include <algorithm>
#include <initializer_list>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "openssl/err.h"
#include "openssl/mem.h"
#include "openssl/sha.h"
#include "openssl/x509.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/group_changes.h"

namespace masa::storage {
namespace {

constexpr size_t kIdOctets = 16;
constexpr size_t kHashOctets = 32;
constexpr size_t kLongestSerial = 255;
constexpr size_t kLongestText = 255;
constexpr size_t kLongestDer = 16'384;
constexpr size_t kMostLabels = 64;

// How many octets the sequence that starts with `lead` has; 0 for no lead.
size_t SequenceLength(uint8_t lead) {
  if (lead < 0x80) {
    return lead == 0 ? 0 : 1;
  }
  if (lead >= 0xc2 && lead < 0xe0) {
    return 2;
  }
  if (lead >= 0xe0 && lead < 0xf0) {
    return 3;
  }
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

// RFC 3629 section 4: no overlong form, no surrogate, nothing past U+10FFFF.
bool SecondIsAllowed(uint8_t lead, uint8_t second) {
  switch (lead) {
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second < 0xa0;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second < 0x90;
    default:
      return true;
  }
}

absl::Status CheckName(const char* what, const std::string& name) {
  if (name.empty() || !IsStorableText(name)) {
    return Refuse(Reason::kInvalidArgument,
                  absl::StrCat(what, " is empty or not UTF-8"));
  }
  return absl::OkStatus();
}

absl::Status CheckTexts(std::initializer_list<const std::string*> texts,
                        Reason reason) {
  for (const std::string* text : texts) {
    if (!IsStorableText(*text)) {
      return Refuse(reason, "a text is not UTF-8");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBinding(const masa::v1::AccessBinding& binding) {
  MASA_RETURN_IF_ERROR(CheckName("tenant", binding.tenant_id()));
  MASA_RETURN_IF_ERROR(CheckName("organization", binding.organization_id()));
  MASA_RETURN_IF_ERROR(CheckName("username", binding.username()));
  MASA_RETURN_IF_ERROR(
      CheckTexts({&binding.group_id(), &binding.account_organization_id()},
                 Reason::kInvalidArgument));
  return binding.account_type() != masa::v1::ACCOUNT_TYPE_UNSPECIFIED &&
                 binding.role() != masa::v1::GROUP_ROLE_UNSPECIFIED
             ? absl::OkStatus()
             : Refuse(Reason::kInvalidArgument,
                      "an access binding needs account_type and role");
}

}  // namespace

bool IsStorableText(const std::string& text) {
  size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<uint8_t>(text[at]);
    const size_t length = SequenceLength(lead);
    if (length == 0 || length > text.size() - at) {
      return false;
    }
    for (size_t i = 1; i < length; ++i) {
      const auto next = static_cast<uint8_t>(text[at + i]);
      if ((next & 0xc0) != 0x80 || (i == 1 && !SecondIsAllowed(lead, next))) {
        return false;
      }
    }
    at += length;
  }
  return true;
}

namespace {

absl::Status CheckLabels(const std::map<std::string, std::string>& labels) {
  if (labels.size() > kMostLabels) {
    return Refuse(
        Reason::kInvalidArgument,
        absl::StrCat("a device has at most ", kMostLabels, " labels"));
  }
  for (const auto& [name, value] : labels) {
    MASA_RETURN_IF_ERROR(CheckName("label", name));
    MASA_RETURN_IF_ERROR(CheckTexts({&value}, Reason::kInvalidArgument));
    if (name.size() > kLongestText || value.size() > kLongestText) {
      return Refuse(Reason::kInvalidArgument, "a label is too long");
    }
  }
  return absl::OkStatus();
}

// What a page of the list can hold a thousand of.
absl::Status CheckSizes(const Device& device) {
  const DeviceDetails& details = device.details;
  for (const std::string* text :
       {&device.product_id, &device.organization_id, &device.model,
        &device.mac_addr, &details.hw_version, &details.sales_order}) {
    if (text->size() > kLongestText) {
      return Refuse(
          Reason::kInvalidArgument,
          absl::StrCat("a text of a device is over ", kLongestText, " octets"));
    }
  }
  for (const std::string* der :
       {&device.idevid_cert_der, &device.ek_public_key_der,
        &details.ek_cert_der, &details.ppk_public_key_der}) {
    if (der->size() > kLongestDer) {
      return Refuse(Reason::kInvalidArgument,
                    absl::StrCat("a certificate or key of a device is over ",
                                 kLongestDer, " octets"));
    }
  }
  return device.idevid_issuer.value_or("").size() <= kLongestText
             ? absl::OkStatus()
             : Refuse(Reason::kInvalidArgument, "idevid_issuer is too long");
}

// Of what a database and a timestamp of protobuf both can hold.
absl::Status CheckTimes(const DeviceDetails& details) {
  for (const auto& time : {details.manufactured_at, details.shipped_at}) {
    if (time && (*time < absl::FromUnixSeconds(-62135596800) ||
                 *time > absl::FromUnixSeconds(253402300799))) {
      return Refuse(Reason::kInvalidArgument,
                    "a time of the device is not of the years 1 to 9999");
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool HasControlCharacter(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
}

absl::Status CheckDevice(const Device& device) {
  MASA_RETURN_IF_ERROR(CheckName("tenant", device.tenant_id));
  MASA_RETURN_IF_ERROR(CheckName("serial number", device.serial_number));
  if (device.serial_number.size() > kLongestSerial) {
    return Refuse(Reason::kInvalidArgument, "serial number is too long");
  }
  if (HasControlCharacter(device.serial_number)) {
    return Refuse(Reason::kInvalidArgument,
                  "serial number has a control character, which no voucher's "
                  "serial-number may (RFC 7950 section 9.4)");
  }
  MASA_RETURN_IF_ERROR(CheckLabels(device.labels));
  MASA_RETURN_IF_ERROR(CheckSizes(device));
  MASA_RETURN_IF_ERROR(CheckTimes(device.details));
  return CheckTexts({&device.product_id, &device.organization_id, &device.model,
                     &device.mac_addr, &device.details.hw_version,
                     &device.details.sales_order},
                    Reason::kInvalidArgument);
}

absl::Status CheckCatalog(const masa::v1::Catalog& catalog) {
  for (const auto& tenant : catalog.tenants()) {
    MASA_RETURN_IF_ERROR(CheckName("tenant", tenant.tenant_id()));
  }
  for (const auto& product : catalog.products()) {
    MASA_RETURN_IF_ERROR(CheckName("tenant", product.tenant_id()));
    MASA_RETURN_IF_ERROR(CheckName("product", product.product_id()));
  }
  for (const auto& organization : catalog.organizations()) {
    MASA_RETURN_IF_ERROR(CheckName("tenant", organization.tenant_id()));
    MASA_RETURN_IF_ERROR(
        CheckName("organization", organization.organization_id()));
  }
  for (const auto& cert : catalog.domain_certs()) {
    MASA_RETURN_IF_ERROR(CheckName("tenant", cert.tenant_id()));
    MASA_RETURN_IF_ERROR(CheckName("organization", cert.organization_id()));
    MASA_RETURN_IF_ERROR(CheckName("certificate", cert.cert_id()));
    MASA_RETURN_IF_ERROR(SpkiSha256Of(cert.certificate_der()).status());
    const auto expires_at = CertOf(cert).expires_at;
    if (expires_at && !IsStorableTime(*expires_at)) {
      return Refuse(Reason::kInvalidArgument,
                    "expiry_time of a domain certificate is no time of the "
                    "years 1 to 9999");
    }
  }
  for (const auto& binding : catalog.access_bindings()) {
    MASA_RETURN_IF_ERROR(CheckBinding(binding));
  }
  for (const auto& domain : catalog.blocked_domains()) {
    MASA_RETURN_IF_ERROR(CheckName("tenant", domain.tenant_id()));
    MASA_RETURN_IF_ERROR(
        CheckTexts({&domain.note()}, Reason::kInvalidArgument));
    if (domain.spki_sha256().size() != kHashOctets) {
      return Refuse(Reason::kInvalidArgument,
                    "spki_sha256 of a blocked domain is not 32 octets");
    }
  }
  return absl::OkStatus();
}

bool IsStorableTime(absl::Time time) {
  constexpr int64_t kFirst = -62'135'596'800;
  constexpr int64_t kEnd = 253'402'300'800;
  return time >= absl::FromUnixSeconds(kFirst) &&
         time < absl::FromUnixSeconds(kEnd);
}

absl::Status CheckVoucher(const IssuedVoucher& voucher) {
  const auto& issuer = voucher.issuer_spki_sha256;
  if (voucher.voucher_id.size() != kIdOctets ||
      voucher.audit_event_id.size() != kIdOctets ||
      voucher.device_id.size() != kIdOctets ||
      voucher.request_digest.size() != kHashOctets ||
      voucher.pinned_spki_sha256.size() != kHashOctets ||
      (!issuer.empty() && issuer.size() != kHashOctets) ||
      (voucher.claim_window &&
       voucher.registrar_spki_sha256.size() != kHashOctets) ||
      (!voucher.prior_digest.empty() &&
       voucher.prior_digest.size() != kHashOctets)) {
    return Refuse(Reason::kStoreConflict,
                  "an id or hash of the voucher has the wrong length");
  }
  if (voucher.created_on == absl::InfiniteFuture() ||
      voucher.created_on == absl::InfinitePast() ||
      voucher.expires_on == absl::InfiniteFuture() ||
      voucher.expires_on == absl::InfinitePast()) {
    return Refuse(Reason::kStoreConflict, "a time of the voucher is no time");
  }
  if (voucher.nonce.has_value()) {
    MASA_RETURN_IF_ERROR(CheckTexts({&*voucher.nonce}, Reason::kStoreConflict));
  }
  return CheckTexts({&voucher.tenant_id, &voucher.signing_key, &voucher.actor,
                     &voucher.request_id},
                    Reason::kStoreConflict);
}

absl::StatusOr<std::string> SpkiSha256Of(const std::string& certificate_der) {
  const auto* begin = reinterpret_cast<const uint8_t*>(certificate_der.data());
  const uint8_t* end = begin;
  bssl::UniquePtr<X509> certificate(
      d2i_X509(nullptr, &end, static_cast<long>(certificate_der.size())));
  uint8_t* spki = nullptr;
  const int length =
      certificate == nullptr || end != begin + certificate_der.size()
          ? -1
          : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &spki);
  bssl::UniquePtr<uint8_t> owned(spki);
  if (length <= 0) {
    ERR_clear_error();
    return Refuse(Reason::kCertMalformed, "a certificate does not parse");
  }
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(spki, static_cast<size_t>(length),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

absl::Time ToMicros(absl::Time time) {
  return absl::FromUnixMicros(absl::ToUnixMicros(time));
}

absl::Status RequestIsKnown() {
  return Refuse(Reason::kStoreConflict,
                "the same request_id came with another call at once; try "
                "again");
}

}  // namespace masa::storage
