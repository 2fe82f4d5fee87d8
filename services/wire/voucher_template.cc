#include "services/wire/voucher_template.h"

#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::wire {

absl::StatusOr<VoucherTemplate> VoucherTemplate::Create(
    masa::v1::Format format, const std::vector<std::string>& chain_der,
    SignatureAlgorithm algorithm, const VoucherStyle& style) {
  const bool names = style.cose.names();
  switch (format) {
    case masa::v1::FORMAT_CMS_JSON: {
      MASA_ASSIGN_OR_RETURN(
          CmsTemplate cms,
          CmsTemplate::Create(chain_der, algorithm, style.cms_id_data));
      return VoucherTemplate(format, std::move(cms), names);
    }
    case masa::v1::FORMAT_JWS_JSON: {
      MASA_ASSIGN_OR_RETURN(JwsTemplate jws,
                            JwsTemplate::Create(chain_der, algorithm));
      return VoucherTemplate(format, std::move(jws), names);
    }
    case masa::v1::FORMAT_COSE_CBOR: {
      MASA_ASSIGN_OR_RETURN(
          CoseTemplate cose,
          CoseTemplate::Create(chain_der, algorithm, style.cose));
      return VoucherTemplate(format, std::move(cose), names);
    }
    default:
      return Refuse(Reason::kMisconfigured,
                    "vouchers of this format are not made here");
  }
}

std::string VoucherTemplate::EncodeContent(
    const Voucher& voucher, absl::string_view pinned_domain_cert_base64) const {
  return std::holds_alternative<CoseTemplate>(wire_)
             ? EncodeVoucherCbor(voucher, cbor_names_)
             : EncodeVoucherJson(voucher, pinned_domain_cert_base64);
}

std::string VoucherTemplate::EncodeToBeSigned(absl::string_view content,
                                              absl::Time signing_time) const {
  if (const auto* cms = std::get_if<CmsTemplate>(&wire_)) {
    return cms->EncodeSignedAttributes(content, signing_time);
  }
  if (const auto* cose = std::get_if<CoseTemplate>(&wire_)) {
    return cose->EncodeSigStructure(content, signing_time);
  }
  return std::get<JwsTemplate>(wire_).EncodeSigningInput(content);
}

absl::StatusOr<std::string> VoucherTemplate::Finish(
    absl::string_view content, absl::string_view to_be_signed,
    absl::string_view signature) const {
  if (const auto* cms = std::get_if<CmsTemplate>(&wire_)) {
    return cms->Finish(content, to_be_signed, signature);
  }
  if (const auto* cose = std::get_if<CoseTemplate>(&wire_)) {
    return cose->Finish(content, to_be_signed, signature);
  }
  return std::get<JwsTemplate>(wire_).Finish(to_be_signed, signature);
}

absl::Status CheckToBeSigned(masa::v1::Format format,
                             absl::string_view to_be_signed,
                             absl::string_view content,
                             SignatureAlgorithm algorithm, KnownParts* known) {
  switch (format) {
    case masa::v1::FORMAT_CMS_JSON:
      return CheckSignedAttributes(
          to_be_signed, content, algorithm,
          known == nullptr ? nullptr : &known->cms_attributes);
    case masa::v1::FORMAT_JWS_JSON:
      return CheckSigningInput(to_be_signed, content, algorithm,
                               known == nullptr ? nullptr : &known->jws_header);
    case masa::v1::FORMAT_COSE_CBOR:
      return CheckSigStructure(
          to_be_signed, content, algorithm,
          known == nullptr ? nullptr : &known->cose_header);
    default:
      return Refuse(Reason::kKeyNotForThis,
                    "vouchers of this format are not signed here");
  }
}

}  // namespace masa::wire
