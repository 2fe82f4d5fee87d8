#include "services/signing/remote/messages.h"

#include <utility>

#include "services/signing/remote/certificate_messages.h"
#include "services/signing/remote/crc32c.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

struct AlgorithmRow {
  SignatureAlgorithm ours;
  masa::v1::KeyAlgorithm theirs;
};

constexpr AlgorithmRow kAlgorithms[] = {
    {SignatureAlgorithm::kEcdsaP256Sha256,
     masa::v1::KEY_ALGORITHM_ECDSA_P256_SHA256},
    {SignatureAlgorithm::kEcdsaP384Sha384,
     masa::v1::KEY_ALGORITHM_ECDSA_P384_SHA384},
    {SignatureAlgorithm::kRsaPkcs1Sha256,
     masa::v1::KEY_ALGORITHM_RSA_PKCS1_SHA256},
    {SignatureAlgorithm::kEd25519, masa::v1::KEY_ALGORITHM_ED25519},
};

google::protobuf::Timestamp TimestampOf(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  return timestamp;
}

masa::v1::ExpectedVoucher MessageOf(const wire::Voucher& voucher) {
  masa::v1::ExpectedVoucher message;
  message.set_assertion(voucher.assertion);
  *message.mutable_created_on() = TimestampOf(voucher.created_on);
  if (voucher.expires_on) {
    *message.mutable_expires_on() = TimestampOf(*voucher.expires_on);
  }
  message.set_serial_number(voucher.serial_number);
  if (voucher.nonce) {
    message.set_nonce(*voucher.nonce);
  }
  if (voucher.idevid_issuer) {
    message.set_idevid_issuer(*voucher.idevid_issuer);
  }
  message.set_pinned_domain_cert_der(voucher.pinned_domain_cert_der);
  message.set_pinned_domain_pubk_der(voucher.pinned_domain_pubk_der);
  message.set_pinned_domain_pubk_sha256(voucher.pinned_domain_pubk_sha256);
  message.set_domain_cert_revocation_checks(
      voucher.domain_cert_revocation_checks);
  message.set_est_domain(voucher.est_domain);
  message.set_additional_configuration_url(
      voucher.additional_configuration_url);
  return message;
}

wire::Voucher VoucherOf(const masa::v1::ExpectedVoucher& message) {
  wire::Voucher voucher;
  voucher.assertion = message.assertion();
  voucher.created_on = absl::FromUnixSeconds(message.created_on().seconds());
  if (message.has_expires_on()) {
    voucher.expires_on = absl::FromUnixSeconds(message.expires_on().seconds());
  }
  voucher.serial_number = message.serial_number();
  if (message.has_nonce()) {
    voucher.nonce = message.nonce();
  }
  if (message.has_idevid_issuer()) {
    voucher.idevid_issuer = message.idevid_issuer();
  }
  voucher.pinned_domain_cert_der = message.pinned_domain_cert_der();
  voucher.pinned_domain_pubk_der = message.pinned_domain_pubk_der();
  voucher.pinned_domain_pubk_sha256 = message.pinned_domain_pubk_sha256();
  voucher.domain_cert_revocation_checks =
      message.domain_cert_revocation_checks();
  voucher.est_domain = message.est_domain();
  voucher.additional_configuration_url = message.additional_configuration_url();
  return voucher;
}

masa::v1::ExpectedOwnershipRoot MessageOf(const wire::OwnershipRoot& root) {
  masa::v1::ExpectedOwnershipRoot message;
  message.set_tenant_id(root.tenant_id);
  message.set_batch_id(root.batch_id);
  message.set_size(root.size);
  message.set_root(root.root);
  return message;
}

wire::OwnershipRoot RootOf(const masa::v1::ExpectedOwnershipRoot& message) {
  return {message.tenant_id(), message.batch_id(), message.size(),
          message.root()};
}

masa::v1::ExpectedCheckpoint MessageOf(const wire::Checkpoint& checkpoint) {
  masa::v1::ExpectedCheckpoint message;
  message.set_origin(checkpoint.origin);
  message.set_size(checkpoint.size);
  message.set_root(checkpoint.root);
  return message;
}

wire::Checkpoint CheckpointOf(const masa::v1::ExpectedCheckpoint& message) {
  return {message.origin(), message.size(), message.root()};
}

masa::v1::ExpectedManifest MessageOf(const wire::EscrowManifest& manifest) {
  masa::v1::ExpectedManifest message;
  message.set_tenant_id(manifest.tenant_id);
  message.set_organization_id(manifest.organization_id);
  message.set_job_id(manifest.job_id);
  *message.mutable_at() = TimestampOf(manifest.at);
  message.set_issued(manifest.issued);
  message.set_refused(manifest.refused);
  message.set_devices_sha256(manifest.devices_sha256);
  for (const std::string& der : manifest.voucher_anchors) {
    message.add_voucher_anchors(der);
  }
  for (const std::string& der : manifest.voucher_certificates) {
    message.add_voucher_certificates(der);
  }
  for (const std::string& der : manifest.ownership_anchors) {
    message.add_ownership_anchors(der);
  }
  for (const std::string& key : manifest.log_keys) {
    message.add_log_keys(key);
  }
  return message;
}

wire::EscrowManifest ManifestOf(const masa::v1::ExpectedManifest& message) {
  return {
      message.tenant_id(),
      message.organization_id(),
      message.job_id(),
      absl::FromUnixSeconds(message.at().seconds()),
      message.issued(),
      message.refused(),
      message.devices_sha256(),
      {message.voucher_anchors().begin(), message.voucher_anchors().end()},
      {message.voucher_certificates().begin(),
       message.voucher_certificates().end()},
      {message.ownership_anchors().begin(), message.ownership_anchors().end()},
      {message.log_keys().begin(), message.log_keys().end()}};
}

}  // namespace

masa::v1::SignItem MessageOf(const ToBeSigned& item) {
  masa::v1::SignItem message;
  message.set_kind(static_cast<masa::v1::Kind>(item.kind()));
  message.set_to_be_signed(item.octets());
  message.set_content(item.content());
  message.set_crc32c(Crc32c(item.octets(), item.content()));
  if (item.ownership_root()) {
    *message.mutable_expected_root() = MessageOf(*item.ownership_root());
  } else if (item.checkpoint()) {
    *message.mutable_expected_checkpoint() = MessageOf(*item.checkpoint());
  } else if (item.certificate() != nullptr) {
    *message.mutable_expected_certificate() = MessageOf(*item.certificate());
  } else if (item.manifest()) {
    *message.mutable_expected_manifest() = MessageOf(*item.manifest());
  } else if (item.format() != masa::v1::FORMAT_UNSPECIFIED) {
    *message.mutable_expected() = MessageOf(item.expected());
  }
  return message;
}

namespace {

// What a CA signs, which has no content beside it.
absl::StatusOr<ToBeSigned> CaItemOf(const masa::v1::SignItem& message) {
  if (message.kind() == masa::v1::KIND_CERTIFICATE) {
    MASA_ASSIGN_OR_RETURN(wire::CertificateForm form,
                          FormOf(message.expected_certificate()));
    return ToBeSigned::Certificate(message.to_be_signed(), std::move(form));
  }
  return message.kind() == masa::v1::KIND_CRL
             ? ToBeSigned::Crl(message.to_be_signed())
             : ToBeSigned::OcspResponse(message.to_be_signed());
}

bool IsOfCa(masa::v1::Kind kind) {
  return kind == masa::v1::KIND_CERTIFICATE || kind == masa::v1::KIND_CRL ||
         kind == masa::v1::KIND_OCSP_RESPONSE;
}

}  // namespace

absl::StatusOr<ToBeSigned> ItemOf(const masa::v1::SignItem& message) {
  if (message.crc32c() != Crc32c(message.to_be_signed(), message.content())) {
    return Refuse(Reason::kInvalidArgument,
                  "the octets to sign do not match their checksum");
  }
  if (message.kind() == masa::v1::KIND_OWNERSHIP_ROOT &&
      message.content().empty()) {
    return ToBeSigned::OwnershipRoot(message.to_be_signed(),
                                     RootOf(message.expected_root()));
  }
  if (message.kind() == masa::v1::KIND_CHECKPOINT &&
      message.content().empty()) {
    return ToBeSigned::Checkpoint(message.to_be_signed(),
                                  CheckpointOf(message.expected_checkpoint()));
  }
  if (message.kind() == masa::v1::KIND_MANIFEST && message.content().empty()) {
    return ToBeSigned::Manifest(message.to_be_signed(),
                                ManifestOf(message.expected_manifest()));
  }
  if (message.kind() == masa::v1::KIND_CERTIFICATE_REQUEST &&
      message.content().empty()) {
    return ToBeSigned::CertificateRequest(message.to_be_signed());
  }
  if (IsOfCa(message.kind()) && message.content().empty()) {
    return CaItemOf(message);
  }
  if (message.kind() == masa::v1::KIND_TEST && message.content().empty()) {
    return ToBeSigned::Test(message.to_be_signed());
  }
  if (message.kind() < masa::v1::KIND_VOUCHER_CMS ||
      message.kind() > masa::v1::KIND_VOUCHER_COSE) {
    return Refuse(Reason::kInvalidArgument,
                  "this signer knows no artifact of that kind");
  }
  return ToBeSigned::Voucher(static_cast<masa::v1::Format>(message.kind()),
                             message.to_be_signed(), message.content(),
                             VoucherOf(message.expected()));
}

masa::v1::GetKeyResponse MessageOf(const KeyDescription& key) {
  masa::v1::GetKeyResponse message;
  message.set_key(key.name);
  message.set_algorithm(MessageOf(key.algorithm));
  for (const std::string& der : key.chain_der) {
    message.add_chain_der(der);
  }
  for (const Kind kind : key.kinds) {
    message.add_kinds(static_cast<masa::v1::Kind>(kind));
  }
  message.set_spki_der(key.spki_der);
  message.set_tenant_id(key.tenant_id);
  return message;
}

masa::v1::KeyAlgorithm MessageOf(SignatureAlgorithm algorithm) {
  for (const AlgorithmRow& row : kAlgorithms) {
    if (row.ours == algorithm) {
      return row.theirs;
    }
  }
  return masa::v1::KEY_ALGORITHM_UNSPECIFIED;
}

absl::StatusOr<SignatureAlgorithm> AlgorithmOf(
    masa::v1::KeyAlgorithm algorithm) {
  for (const AlgorithmRow& row : kAlgorithms) {
    if (row.theirs == algorithm) {
      return row.ours;
    }
  }
  return Refuse(Reason::kInvalidArgument, "that algorithm is not known here");
}

absl::StatusOr<KeyDescription> DescriptionOf(
    const masa::v1::GetKeyResponse& message) {
  KeyDescription key;
  key.name = message.key();
  const auto algorithm = AlgorithmOf(message.algorithm());
  if (!algorithm.ok()) {
    return Refuse(Reason::kMisconfigured,
                  "the signer's key is of an algorithm not known here");
  }
  key.algorithm = *algorithm;
  key.chain_der.assign(message.chain_der().begin(), message.chain_der().end());
  for (const int kind : message.kinds()) {
    key.kinds.push_back(static_cast<Kind>(kind));
  }
  key.spki_der = message.spki_der();
  key.tenant_id = message.tenant_id();
  return key;
}

}  // namespace masa::signing
