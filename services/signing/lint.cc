#include "services/signing/lint.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/signing/certificate_request.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/voucher_request.h"
#include "services/wire/voucher_template.h"

namespace masa::signing {
namespace {

absl::Status No(absl::string_view what) {
  return Refuse(Reason::kKeyNotForThis,
                absl::StrCat("the lint before the key refuses: ", what));
}

// CBOR carries the octets alone, JSON the text that stands for them.
bool SameNonce(masa::v1::Format format, const wire::Voucher& read,
               const wire::Voucher& expected) {
  return read.nonce == expected.nonce ||
         (format == masa::v1::FORMAT_COSE_CBOR && read.nonce &&
          expected.nonce &&
          wire::NonceOctets(*read.nonce) == wire::NonceOctets(*expected.nonce));
}

absl::Status CheckFields(masa::v1::Format format, const wire::Voucher& read,
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
      {"the nonce", SameNonce(format, read, expected)},
      {"the idevid-issuer", read.idevid_issuer == expected.idevid_issuer},
      {"the pinned-domain-cert",
       read.pinned_domain_cert_der == expected.pinned_domain_cert_der},
      {"the pinned-domain-pubk",
       read.pinned_domain_pubk_der == expected.pinned_domain_pubk_der},
      {"the pinned-domain-pubk-sha256",
       read.pinned_domain_pubk_sha256 == expected.pinned_domain_pubk_sha256},
      {"domain-cert-revocation-checks",
       read.domain_cert_revocation_checks ==
           expected.domain_cert_revocation_checks},
      {"the est-domain", read.est_domain == expected.est_domain},
      {"the additional-configuration-url",
       read.additional_configuration_url ==
           expected.additional_configuration_url},
  };
  for (const auto& field : fields) {
    if (!field.same) {
      return No(absl::StrCat(field.what, " is not what was asked for"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status LintVoucher(const ToBeSigned& item, SignatureAlgorithm algorithm,
                         bool endless, wire::KnownParts* known) {
  const absl::Status octets = wire::CheckToBeSigned(
      item.format(), item.octets(), item.content(), algorithm, known);
  if (!octets.ok()) {
    return No(octets.message());
  }
  const auto voucher =
      item.format() == masa::v1::FORMAT_COSE_CBOR
          ? wire::ReadBackVoucherCbor(item.content())
          : wire::ParseVoucherJson(item.content(),
                                   known == nullptr ? nullptr : &known->pin);
  if (!voucher.ok()) {
    return No("the content does not read back as a voucher");
  }
  MASA_RETURN_IF_ERROR(CheckFields(item.format(), *voucher, item.expected()));
  if (voucher->serial_number.empty() ||
      voucher->assertion == masa::v1::ASSERTION_UNSPECIFIED) {
    return No("the voucher names no serial-number or no assertion");
  }
  if (voucher->nonce && voucher->expires_on) {
    return No("a voucher has a nonce or an expires-on, and not both");
  }
  if (!voucher->nonce && !voucher->expires_on && !endless) {
    return No("this key signs no voucher without nonce and expires-on");
  }
  if (voucher->expires_on && !endless &&
      *voucher->expires_on - voucher->created_on > wire::kLongestLifetime) {
    return No("this key signs no voucher that lives for over 3650 days");
  }
  return absl::OkStatus();
}

absl::Status LintOwnershipRoot(const ToBeSigned& item) {
  const auto root = wire::ParseOwnershipRoot(item.octets());
  if (!root.ok()) {
    return No(root.status().message());
  }
  return item.content().empty() && item.ownership_root() == *root
             ? absl::OkStatus()
             : No("the ownership root is not what was asked for");
}

absl::Status LintCertificateRequest(const ToBeSigned& item,
                                    absl::string_view spki_der) {
  return item.content().empty() && !spki_der.empty() &&
                 IsRequestInfoOf(item.octets(), spki_der)
             ? absl::OkStatus()
             : No("that is no request for a certificate of this key");
}

absl::Status LintTest(const ToBeSigned& item) {
  constexpr size_t kLongest = 256;
  return item.content().empty() && item.octets().size() <= kLongest &&
                 absl::StartsWith(item.octets(), kTestLabel)
             ? absl::OkStatus()
             : No("a test does not begin like one, or is over 256 octets");
}

absl::Status LintCheckpoint(const ToBeSigned& item) {
  const auto checkpoint = wire::ParseCheckpoint(item.octets());
  if (!checkpoint.ok()) {
    return No(checkpoint.status().message());
  }
  return item.content().empty() && item.checkpoint() == *checkpoint
             ? absl::OkStatus()
             : No("the checkpoint is not what was asked for");
}

absl::Status LintManifest(const ToBeSigned& item) {
  const auto manifest = wire::ParseEscrowManifest(item.octets());
  if (!manifest.ok()) {
    return No(manifest.status().message());
  }
  return item.content().empty() && item.manifest() != nullptr &&
                 *item.manifest() == *manifest
             ? absl::OkStatus()
             : No("the manifest is not what was asked for");
}

}  // namespace masa::signing
