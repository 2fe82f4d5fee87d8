#include "services/signing/lint.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/voucher_template.h"

namespace masa::signing {
namespace {

absl::Status No(absl::string_view what) {
  return Refuse(Reason::kKeyNotForThis,
                absl::StrCat("the lint before the key refuses: ", what));
}

absl::Status CheckFields(const wire::Voucher& read,
                         const wire::Voucher& expected) {
  const struct {
    const char* what;
    bool same;
  } fields[] = {
      {"the assertion", read.assertion == expected.assertion},
      {"created-on", absl::ToUnixSeconds(read.created_on) ==
                         absl::ToUnixSeconds(expected.created_on)},
      {"expires-on",
       read.expires_on.has_value() == expected.expires_on.has_value() &&
           (!read.expires_on || absl::ToUnixSeconds(*read.expires_on) ==
                                    absl::ToUnixSeconds(*expected.expires_on))},
      {"the serial-number", read.serial_number == expected.serial_number},
      {"the nonce", read.nonce == expected.nonce},
      {"the idevid-issuer", read.idevid_issuer == expected.idevid_issuer},
      {"the pinned-domain-cert",
       read.pinned_domain_cert_der == expected.pinned_domain_cert_der},
      {"domain-cert-revocation-checks",
       read.domain_cert_revocation_checks ==
           expected.domain_cert_revocation_checks},
  };
  for (const auto& field : fields) {
    if (!field.same) {
      return No(absl::StrCat(field.what, " is not what was asked for"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status LintVoucher(const ToBeSigned& item, SignatureAlgorithm algorithm) {
  const absl::Status octets = wire::CheckToBeSigned(
      item.format(), item.octets(), item.content(), algorithm);
  if (!octets.ok()) {
    return No(octets.message());
  }
  const auto voucher = wire::ParseVoucherJson(item.content());
  if (!voucher.ok()) {
    return No("the content does not read back as a voucher");
  }
  MASA_RETURN_IF_ERROR(CheckFields(*voucher, item.expected()));
  if (voucher->pinned_domain_cert_der.empty()) {
    return No("the voucher pins nothing");
  }
  if (voucher->serial_number.empty() ||
      voucher->assertion == masa::v1::ASSERTION_UNSPECIFIED) {
    return No("the voucher names no serial-number or no assertion");
  }
  if (voucher->nonce.has_value() == voucher->expires_on.has_value()) {
    return No("a voucher has a nonce or an expires-on, and not both");
  }
  return absl::OkStatus();
}

}  // namespace masa::signing
