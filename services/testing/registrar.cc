#include "services/testing/registrar.h"

#include <utility>

#include "openssl/asn1.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "services/status/macros.h"
#include "services/testing/pledge.h"
#include "services/wire/voucher_request.h"

namespace masa::testing {
namespace {

constexpr char kVoucherCms[] = "application/voucher-cms+json";

HttpRequest Post(const std::string& target, const std::string& accept,
                 const std::string& body) {
  HttpRequest request;
  request.target = target;
  request.body = body;
  request.headers = {{"Content-Type", kVoucherCms}, {"Accept", accept}};
  return request;
}

}  // namespace

std::string AuthorityKeyIdValue(X509* certificate) {
  const int at =
      X509_get_ext_by_NID(certificate, NID_authority_key_identifier, -1);
  if (at < 0) {
    return "";
  }
  ASN1_OCTET_STRING* value =
      X509_EXTENSION_get_data(X509_get_ext(certificate, at));
  uint8_t* der = nullptr;
  const int length = i2d_ASN1_OCTET_STRING(value, &der);
  if (length < 0) {
    return "";
  }
  std::string octets(reinterpret_cast<char*>(der), length);
  OPENSSL_free(der);
  return octets;
}

Registrar::Registrar(Identity identity, std::vector<std::string> chain_der)
    : identity_(std::move(identity)), chain_der_(std::move(chain_der)) {}

absl::StatusOr<RequestLeaves> Registrar::LeavesFor(
    const std::string& pledge_request, const Identity& idevid,
    absl::Time now) const {
  MASA_ASSIGN_OR_RETURN(
      const wire::VoucherRequest asked,
      wire::ParseVoucherRequest(masa::v1::FORMAT_CMS_JSON, pledge_request));
  RequestLeaves leaves;
  leaves.assertion = "proximity";
  leaves.created_on = Rfc3339(now);
  leaves.serial_number = SubjectSerialNumber(idevid.certificate.get());
  leaves.nonce = asked.leaves.nonce;
  const std::string issuer = AuthorityKeyIdValue(idevid.certificate.get());
  if (!issuer.empty()) {
    leaves.idevid_issuer = issuer;
  }
  leaves.prior_signed_voucher_request = pledge_request;
  return leaves;
}

std::string Registrar::Sign(const RequestLeaves& leaves,
                            CmsOptions options) const {
  if (options.certificates_der.empty()) {
    options.certificates_der = {identity_.CertificateDer()};
    options.certificates_der.insert(options.certificates_der.end(),
                                    chain_der_.begin(), chain_der_.end());
  }
  return SignCms(RequestJson(leaves), identity_, options);
}

absl::StatusOr<std::unique_ptr<HttpsClient>> Registrar::Connect(
    const HttpsServer& masa) const {
  HttpsClientOptions options;
  options.identity = identity_;
  options.chain_der = chain_der_;
  return HttpsClient::Connect(masa, options);
}

absl::StatusOr<HttpAnswer> Registrar::RequestVoucher(
    HttpsClient& masa, const std::string& request) {
  return masa.Send(
      Post("/.well-known/brski/requestvoucher", kVoucherCms, request));
}

absl::StatusOr<HttpAnswer> Registrar::RequestAuditLog(
    HttpsClient& masa, const std::string& request) {
  return masa.Send(
      Post("/.well-known/brski/requestauditlog", "application/json", request));
}

}  // namespace masa::testing
