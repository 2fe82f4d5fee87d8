#include "services/testing/pledge.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "openssl/asn1.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/rand.h"
#include "services/status/macros.h"
#include "services/verification/boring_verifier.h"
#include "services/wire/cms.h"

namespace masa::testing {
namespace {

absl::Status Distrust(const std::string& why) {
  return absl::FailedPreconditionError("the pledge distrusts it: " + why);
}

// The signature and the chain of the voucher, up to the root in the device.
absl::StatusOr<std::string> VerifiedPayload(
    const std::string& voucher, const VoucherExpectation& expected) {
  MASA_ASSIGN_OR_RETURN(const wire::SignedArtifact artifact,
                        wire::ParseCms(voucher));
  if (artifact.signers.size() != 1 || artifact.signers[0].certificate < 0) {
    return Distrust("not exactly one signer, with its certificate");
  }
  const wire::SignerInfo& signer = artifact.signers[0];
  const wire::Certificate& certificate =
      artifact.certificates[signer.certificate];
  const verification::BoringVerifier verifier;
  MASA_RETURN_IF_ERROR(
      verifier.VerifySignature(signer.algorithm, certificate->spki_der,
                               signer.signed_octets, signer.signature));
  ChainQuestion question;
  question.leaf_der = certificate->der;
  for (const wire::Certificate& one : artifact.certificates) {
    question.intermediates_der.push_back(one->der);
  }
  question.anchors_der = {expected.voucher_root_der};
  question.at = expected.at;
  MASA_RETURN_IF_ERROR(verifier.VerifyChain(question).status());
  return artifact.payload;
}

}  // namespace

std::string SubjectSerialNumber(X509* certificate) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_serialNumber, -1);
  if (at < 0) {
    return "";
  }
  uint8_t* text = nullptr;
  const int length = ASN1_STRING_to_UTF8(
      &text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (length < 0) {
    return "";
  }
  std::string serial(reinterpret_cast<char*>(text), length);
  OPENSSL_free(text);
  return serial;
}

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

Pledge::Pledge(Identity idevid, std::vector<std::string> chain_der)
    : idevid_(std::move(idevid)),
      chain_der_(std::move(chain_der)),
      serial_number_(SubjectSerialNumber(idevid_.certificate.get())) {}

RequestLeaves Pledge::NewLeaves(const std::string& registrar_cert_der,
                                absl::Time now) {
  std::string octets(16, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(octets.data()), octets.size());
  nonce_ = Base64(octets);
  RequestLeaves leaves;
  leaves.assertion = "proximity";
  leaves.created_on = Rfc3339(now);
  leaves.serial_number = serial_number_;
  leaves.nonce = nonce_;
  leaves.proximity_registrar_cert_der = registrar_cert_der;
  return leaves;
}

std::string Pledge::Sign(const RequestLeaves& leaves,
                         CmsOptions options) const {
  if (options.certificates_der.empty()) {
    options.certificates_der = {idevid_.CertificateDer()};
    options.certificates_der.insert(options.certificates_der.end(),
                                    chain_der_.begin(), chain_der_.end());
  }
  return SignCms(RequestJson(leaves), idevid_, options);
}

std::string Pledge::MakeRequest(const std::string& registrar_cert_der,
                                absl::Time now) {
  return Sign(NewLeaves(registrar_cert_der, now));
}

absl::StatusOr<wire::Voucher> Pledge::CheckVoucher(
    const std::string& voucher, const VoucherExpectation& expected) const {
  MASA_ASSIGN_OR_RETURN(const std::string payload,
                        VerifiedPayload(voucher, expected));
  MASA_ASSIGN_OR_RETURN(wire::Voucher data, wire::ParseVoucherJson(payload));
  if (data.serial_number != serial_number_) {
    return Distrust(absl::StrCat("it is for ", data.serial_number));
  }
  if (data.nonce != nonce_) {
    return Distrust("its nonce is not that of the last request");
  }
  ChainQuestion question;
  question.leaf_der = expected.registrar_cert_der;
  question.intermediates_der = expected.registrar_chain_der;
  question.anchors_der = {data.pinned_domain_cert_der};
  question.at = expected.at;
  if (!verification::BoringVerifier().VerifyChain(question).ok()) {
    return Distrust("its pin is not on the registrar's chain");
  }
  return data;
}

}  // namespace masa::testing
