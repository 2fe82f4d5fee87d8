#include "services/voucher/pledge.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::voucher {
namespace {

// The dates are the product's to judge, once the device is known.
absl::StatusOr<VerifiedChain> ChainOf(
    const std::vector<std::string>& peer_chain_der,
    const masa::v1::Tenant& tenant, const Verifier& verifier, absl::Time now) {
  ChainQuestion question;
  question.leaf_der = peer_chain_der.front();
  question.intermediates_der.assign(peer_chain_der.begin() + 1,
                                    peer_chain_der.end());
  question.anchors_der.assign(tenant.idevid_anchors_der().begin(),
                              tenant.idevid_anchors_der().end());
  question.at = now;
  question.ignore_validity = true;
  question.asked_once = true;
  return verifier.VerifyChain(question);
}

// As of a pledge's request, of which nothing but the IDevID counts here.
absl::Status CheckIssuer(const ShownIdevid& idevid,
                         const storage::Device& device) {
  const wire::VoucherRequest none;
  return CheckIdevidIssuer(
      none, {none, idevid.certificate, idevid.issuer_key_id}, device);
}

absl::Status CheckKeyOnRecord(const ShownIdevid& idevid,
                              const storage::Device& device) {
  const auto recorded = wire::Certificate::Parse(device.idevid_cert_der);
  const bool is_recorded = recorded.ok() && (*recorded)->spki_sha256 ==
                                                idevid.certificate->spki_sha256;
  if (is_recorded) {
    return absl::OkStatus();
  }
  if (!idevid.is_chained) {
    return IdevidIsForeign();
  }
  return device.idevid_cert_der.empty()
             ? absl::OkStatus()
             : Refuse(Reason::kPriorSignedInvalid,
                      "the IDevID has another key than the one on record for "
                      "this device");
}

}  // namespace

absl::StatusOr<ShownIdevid> ReadIdevid(
    const std::vector<std::string>& peer_chain_der,
    const masa::v1::Tenant& tenant, const Verifier& verifier, absl::Time now) {
  if (peer_chain_der.empty()) {
    return Refuse(Reason::kChainInvalid,
                  "a device shows its IDevID in the TLS handshake; no "
                  "certificate came");
  }
  const auto leaf = wire::Certificate::Parse(peer_chain_der.front());
  if (!leaf.ok()) {
    return Refuse(Reason::kChainInvalid,
                  "the certificate of the TLS handshake does not parse");
  }
  ShownIdevid shown{*leaf, false, std::nullopt};
  const auto chain = ChainOf(peer_chain_der, tenant, verifier, now);
  if (!chain.ok()) {
    return shown;
  }
  shown.is_chained = true;
  if (!(*leaf)->authority_key_id && chain->chain_der.size() > 1) {
    MASA_ASSIGN_OR_RETURN(const wire::Certificate issuer,
                          wire::Certificate::Parse(chain->chain_der[1]));
    shown.issuer_key_id = issuer->subject_key_id;
  }
  return shown;
}

absl::Status CheckSignedByIdevid(const wire::VoucherRequest& request,
                                 const ShownIdevid& idevid,
                                 const Verifier& verifier) {
  const auto& signers = request.artifact.signers;
  const bool signed_by_it = std::any_of(
      signers.begin(), signers.end(), [&](const wire::SignerInfo& signer) {
        return verifier
            .VerifySignature(signer.algorithm, idevid.certificate->spki_der,
                             signer.signed_octets, signer.signature)
            .ok();
      });
  return signed_by_it
             ? absl::OkStatus()
             : Refuse(Reason::kSignatureInvalid,
                      "the request is not signed with the key of the IDevID "
                      "that the TLS handshake showed");
}

std::vector<std::string> SerialNumbersIn(const wire::Certificate& idevid) {
  std::vector<std::string> serials;
  for (const auto& field :
       {idevid->subject_serial_number, idevid->hardware_serial_number,
        idevid->subject_common_name}) {
    if (field && !field->empty()) {
      serials.push_back(*field);
    }
  }
  return serials;
}

absl::Status CheckSawUs(const wire::VoucherRequestLeaves& leaves,
                        const std::string& own_cert_der) {
  MASA_ASSIGN_OR_RETURN(const std::string seen, SeenSpkiSha256(leaves));
  if (seen.empty()) {
    return absl::OkStatus();
  }
  const auto own = wire::Certificate::Parse(own_cert_der);
  return own.ok() && (*own)->spki_sha256 == seen
             ? absl::OkStatus()
             : Refuse(Reason::kProximityMismatch,
                      "the server that the pledge saw is not this one: "
                      "somebody stands between");
}

absl::Status CheckIsDevice(const ShownIdevid& idevid,
                           const storage::Device& device,
                           const masa::v1::Tenant& tenant,
                           const masa::v1::Product& product, absl::Time now) {
  MASA_RETURN_IF_ERROR(CheckKeyOnRecord(idevid, device));
  if (SerialNumberOf(idevid.certificate, product) != device.serial_number) {
    return Refuse(Reason::kSerialMismatch,
                  "the serial-number is not the one in the IDevID");
  }
  MASA_RETURN_IF_ERROR(CheckIssuer(idevid, device));
  MASA_RETURN_IF_ERROR(CheckIssuerNotBlocked(tenant, device, idevid.certificate,
                                             idevid.issuer_key_id));
  const bool is_over = now > idevid.certificate->not_after ||
                       now < idevid.certificate->not_before;
  return product.idevid_validity_enforced() && is_over
             ? Refuse(Reason::kCertificateExpired,
                      "the IDevID has expired or is not valid yet")
             : absl::OkStatus();
}

absl::Status IdevidIsForeign() {
  return Refuse(Reason::kChainInvalid,
                "the certificate of the TLS handshake is not an IDevID of "
                "this manufacturer");
}

absl::Status PledgeUnknown() {
  return Refuse(Reason::kDeviceUnknown,
                "this manufacturer has no device on record with the "
                "serial-number and the issuer of this IDevID");
}

std::string RedirectTo(absl::string_view registrar_url) {
  constexpr absl::string_view kBase = "/.well-known/brski";
  constexpr absl::string_view kResource = "/requestvoucher";
  absl::string_view url = registrar_url.substr(0, registrar_url.find('?'));
  while (absl::ConsumeSuffix(&url, "/")) {
  }
  if (absl::EndsWith(url, absl::StrCat(kBase, kResource))) {
    return std::string(url);
  }
  return absl::EndsWith(url, kBase) ? absl::StrCat(url, kResource)
                                    : absl::StrCat(url, kBase, kResource);
}

std::string HostOfUri(absl::string_view uri) {
  absl::ConsumePrefix(&uri, "https://");
  uri = uri.substr(0, uri.find_first_of("/?"));
  if (absl::ConsumePrefix(&uri, "[")) {
    return absl::AsciiStrToLower(uri.substr(0, uri.find(']')));
  }
  return absl::AsciiStrToLower(uri.substr(0, uri.find(':')));
}

}  // namespace masa::voucher
