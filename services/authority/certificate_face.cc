#include "services/authority/certificate_face.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/authority/convert.h"
#include "services/authority/group_calls.h"
#include "services/status/macros.h"

namespace masa::authority {
namespace {

using identity::Principal;

constexpr size_t kLongestName = 256;
constexpr size_t kHashOctets = 32;
constexpr size_t kMostSerialDigits = 40;

masa::v1::Certificate MessageOf(const storage::IssuedCertificate& one) {
  masa::v1::Certificate message;
  message.set_serial(absl::BytesToHexString(one.serial));
  message.set_subject(one.subject);
  message.set_profile(one.profile);
  message.set_signing_key(one.signing_key);
  message.set_certificate_der(one.certificate_der);
  message.set_requester(one.requester);
  *message.mutable_issued_at() = TimestampOf(one.issued_at);
  if (one.not_after < storage::EndOfTime()) {
    *message.mutable_not_after() = TimestampOf(one.not_after);
  }
  if (one.revoked_at) {
    *message.mutable_revoked_at() = TimestampOf(*one.revoked_at);
    message.set_revocation_reason(
        static_cast<masa::v1::RevocationReason>(one.revocation_reason));
  }
  return message;
}

// The contents of the INTEGER; empty for what are no pairs of digits.
std::string SerialOf(const std::string& digits) {
  const bool is_hex =
      digits.size() % 2 == 0 && digits.size() <= kMostSerialDigits &&
      std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit);
  return is_hex ? absl::HexStringToBytes(digits) : "";
}

void CheckSerial(const std::string& digits, FieldChecker* check) {
  if (SerialOf(digits).empty()) {
    check->Fault("serial", "is 1 to 20 octets in hexadecimal digits");
  }
}

absl::Status CheckToken(const masa::v1::CreateEnrollmentTokenRequest& request) {
  FieldChecker check;
  if (request.profile().empty() || request.profile().size() > kLongestName) {
    check.Fault("profile", "has 1 to 256 octets");
  }
  if (request.token_sha256().size() != kHashOctets) {
    check.Fault("token_sha256", "has 32 octets");
  }
  if (request.subjects().empty() ||
      request.subjects_size() > static_cast<int>(storage::kMostPermits)) {
    check.Fault("subjects", "names 1 to 1000");
  }
  for (int i = 0; i < request.subjects_size(); ++i) {
    if (request.subjects(i).empty() ||
        request.subjects(i).size() > kLongestName) {
      check.Fault(absl::StrCat("subjects[", i, "]"), "has 1 to 256 octets");
    }
  }
  check.Need("expire_time", request.has_expire_time());
  return check.Finish();
}

}  // namespace

grpc::ServerUnaryReactor* CertificateFace::GetCertificate(
    grpc::CallbackServerContext* context,
    const masa::v1::GetCertificateRequest* request,
    masa::v1::GetCertificateResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 FieldChecker check;
                 CheckSerial(request->serial(), &check);
                 MASA_RETURN_IF_ERROR(check.Finish());
                 MASA_ASSIGN_OR_RETURN(
                     const auto found,
                     desk_.Get(ours, caller, SerialOf(request->serial())));
                 *response->mutable_certificate() = MessageOf(found);
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* CertificateFace::ListCertificates(
    grpc::CallbackServerContext* context,
    const masa::v1::ListCertificatesRequest* request,
    masa::v1::ListCertificatesResponse* response) {
  return Serve(
      context,
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        storage::CertificateFilter filter;
        filter.profile = request->profile();
        filter.subject = request->subject();
        if (request->has_revoked()) {
          filter.revoked = request->revoked();
        }
        const std::string list = absl::StrCat(
            "certificates\n", caller.tenant_id, "\n", filter.profile, "\n",
            filter.subject, "\n",
            filter.revoked ? static_cast<int>(*filter.revoked) : 2);
        MASA_ASSIGN_OR_RETURN(const int size, PageSizeOf(request->page_size()));
        MASA_ASSIGN_OR_RETURN(const std::string after,
                              LastOf(list, request->page_token()));
        MASA_ASSIGN_OR_RETURN(const auto page,
                              desk_.List(ours, caller, filter, after, size));
        for (const storage::IssuedCertificate& one : page) {
          *response->add_certificates() = MessageOf(one);
        }
        if (static_cast<int>(page.size()) == size) {
          response->set_next_page_token(PageTokenOf(list, page.back().serial));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CertificateFace::RevokeCertificate(
    grpc::CallbackServerContext* context,
    const masa::v1::RevokeCertificateRequest* request,
    masa::v1::RevokeCertificateResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
                 FieldChecker check;
                 CheckSerial(request->serial(), &check);
                 if (!masa::v1::RevocationReason_IsValid(request->reason())) {
                   check.Fault("reason", "is none that is known here");
                 }
                 MASA_RETURN_IF_ERROR(check.Finish());
                 MASA_ASSIGN_OR_RETURN(const auto revoked,
                                       desk_.Revoke(Under(ours, once), caller,
                                                    SerialOf(request->serial()),
                                                    request->reason(), once));
                 *response->mutable_certificate() = MessageOf(revoked);
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* CertificateFace::CreateEnrollmentToken(
    grpc::CallbackServerContext* context,
    const masa::v1::CreateEnrollmentTokenRequest* request,
    masa::v1::CreateEnrollmentTokenResponse* response) {
  return Serve(
      context,
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
        MASA_RETURN_IF_ERROR(CheckToken(*request));
        issuance::TokenOrder order;
        order.profile = request->profile();
        order.token_digest = request->token_sha256();
        order.subjects = {request->subjects().begin(),
                          request->subjects().end()};
        MASA_ASSIGN_OR_RETURN(order.expires_at,
                              MomentOf("expire_time", request->expire_time()));
        return desk_.CreateToken(Under(ours, once), caller, order, once);
      });
}

}  // namespace masa::authority
