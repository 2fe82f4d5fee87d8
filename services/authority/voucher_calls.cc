#include "services/authority/voucher_calls.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/authority/convert.h"
#include "services/authority/group_calls.h"
#include "services/authority/pages.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/media_type.h"
#include "services/wire/uuid_text.h"
#include "services/wire/voucher_request.h"

namespace masa::authority {
namespace {

constexpr size_t kLongestText = 255;
// Clients take messages of 4 MiB, and vouchers are of a few KiB.
constexpr int kMostFull = 500;
constexpr size_t kLongestDer = 16'384;

bool IsNonce(const std::string& nonce) {
  const size_t octets = wire::NonceOctets(nonce).size();
  return octets >= 8 && octets <= 32;
}

absl::Status CheckSizes(const masa::v1::IssueVoucherRequest& request) {
  const std::string& serial = request.device().serial_number();
  FieldChecker check;
  if (serial.empty() || serial.size() > kLongestText ||
      serial.find('\0') != std::string::npos) {
    check.Fault("device.serial_number",
                "has 1 to 255 octets, none of them zero");
  }
  if (request.device().idevid_issuer_ski().size() > kLongestText) {
    check.Fault("device.idevid_issuer_ski", "has 255 octets at the most");
  }
  if (request.pinned_cert_der().empty() != request.est_onboarding()) {
    check.Fault("pinned_cert_der",
                "is needed, or est_onboarding instead: one of the two");
  } else if (request.pinned_cert_der().size() > kLongestDer) {
    check.Fault("pinned_cert_der", "has 16384 octets at the most");
  }
  if (request.nonce().size() > kLongestText ||
      request.nonce().find('\0') != std::string::npos) {
    check.Fault("nonce", "has 255 octets at the most, none of them zero");
  } else if (!request.nonce().empty() && !IsNonce(request.nonce())) {
    check.Fault("nonce", "is not base64 of 8 to 32 octets");
  }
  if (!masa::v1::Format_IsValid(request.format())) {
    check.Fault("format", "is none");
  }
  return check.Finish();
}

masa::v1::TrustAnchor::Algorithm AlgorithmOf(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEcdsaP256Sha256:
      return masa::v1::TrustAnchor::ALGORITHM_ECDSA_P256;
    case SignatureAlgorithm::kEcdsaP384Sha384:
      return masa::v1::TrustAnchor::ALGORITHM_ECDSA_P384;
    case SignatureAlgorithm::kEd25519:
      return masa::v1::TrustAnchor::ALGORITHM_ED25519;
    case SignatureAlgorithm::kRsaPkcs1Sha256:
      return masa::v1::TrustAnchor::ALGORITHM_RSA;
    default:  // no signing key has it
      return masa::v1::TrustAnchor::ALGORITHM_UNSPECIFIED;
  }
}

// Nanoseconds since 1970 and the id's octets.
std::string PlaceText(const storage::IssuedVoucher& voucher) {
  return absl::StrCat(absl::ToUnixNanos(voucher.created_on), "/",
                      voucher.voucher_id);
}

absl::StatusOr<storage::VoucherQuery::Place> PlaceIn(const std::string& text) {
  const size_t slash = text.find('/');
  int64_t nanoseconds = 0;
  if (slash == std::string::npos ||
      !absl::SimpleAtoi(text.substr(0, slash), &nanoseconds)) {
    return RefuseFields(Reason::kPageTokenInvalid,
                        {{"page_token", "is not one of this list's"}});
  }
  return storage::VoucherQuery::Place{absl::FromUnixNanos(nanoseconds),
                                      text.substr(slash + 1)};
}

}  // namespace

absl::StatusOr<issuance::IssueOrder> OrderOf(
    const masa::v1::IssueVoucherRequest& request) {
  MASA_RETURN_IF_ERROR(CheckSizes(request));
  MASA_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  issuance::IssueOrder order;
  MASA_ASSIGN_OR_RETURN(order.device, KeyIn(request));
  order.est_onboarding = request.est_onboarding();
  order.pinned_cert_der = request.pinned_cert_der();
  if (!request.nonce().empty()) {
    order.nonce = request.nonce();
  }
  if (request.has_expires_on()) {
    MASA_ASSIGN_OR_RETURN(order.expires_on,
                          MomentOf("expires_on", request.expires_on()));
  }
  if (request.format() != masa::v1::FORMAT_UNSPECIFIED) {
    order.format = request.format();
  }
  order.request_id = request.request_id();
  return order;
}

void Fill(storage::Committed committed,
          masa::v1::IssueVoucherResponse* response) {
  storage::IssuedVoucher& issued = committed.voucher;
  response->set_voucher_id(wire::UuidTextOf(issued.voucher_id));
  response->set_voucher(std::move(issued.voucher));
  response->set_media_type(std::string(wire::MediaTypeOf(issued.format)));
  *response->mutable_created_on() = TimestampOf(issued.created_on);
  if (issued.expires_on) {
    *response->mutable_expires_on() = TimestampOf(*issued.expires_on);
  }
  response->set_signing_key(issued.signing_key);
  response->set_audit_event_id(wire::UuidTextOf(issued.audit_event_id));
  response->set_replayed(committed.replayed);
}

masa::v1::Voucher MessageOf(const storage::IssuedVoucher& voucher,
                            bool with_octets) {
  masa::v1::Voucher message;
  message.set_voucher_id(wire::UuidTextOf(voucher.voucher_id));
  message.set_audit_event_id(wire::UuidTextOf(voucher.audit_event_id));
  *message.mutable_created_on() = TimestampOf(voucher.created_on);
  if (voucher.expires_on) {
    *message.mutable_expires_on() = TimestampOf(*voucher.expires_on);
  }
  if (voucher.nonce) {
    message.set_nonce(*voucher.nonce);
  }
  message.set_assertion(voucher.assertion);
  message.set_format(voucher.format);
  message.set_media_type(std::string(wire::MediaTypeOf(voucher.format)));
  message.set_domain_id(voucher.domain_id);
  message.set_pinned_spki_sha256(voucher.pinned_spki_sha256);
  message.set_signing_key(voucher.signing_key);
  message.set_actor(voucher.actor);
  message.set_request_id(voucher.request_id);
  if (with_octets) {
    message.set_voucher(voucher.voucher);
  }
  return message;
}

masa::v1::TrustAnchor MessageOf(const issuance::TrustAnchor& anchor) {
  masa::v1::TrustAnchor message;
  message.set_signing_key(anchor.signing_key);
  message.set_subject_key_id(anchor.subject_key_id);
  message.set_algorithm(AlgorithmOf(anchor.algorithm));
  for (const std::string& der : anchor.chain_der) {
    message.add_chain_der(der);
  }
  *message.mutable_not_before() = TimestampOf(anchor.not_before);
  // A certificate without an end has no time to tell.
  if (anchor.not_after != absl::InfiniteFuture()) {
    *message.mutable_not_after() = TimestampOf(anchor.not_after);
  }
  for (const std::string& product : anchor.product_ids) {
    message.add_product_ids(product);
  }
  if (anchor.signs_from != absl::InfinitePast()) {
    *message.mutable_signs_from() = TimestampOf(anchor.signs_from);
  }
  if (anchor.signs_until != absl::InfiniteFuture()) {
    *message.mutable_signs_until() = TimestampOf(anchor.signs_until);
  }
  return message;
}

absl::StatusOr<std::string> VoucherIdOf(const std::string& uuid) {
  const std::string octets =
      absl::HexStringToBytes(absl::StrReplaceAll(uuid, {{"-", ""}}));
  return wire::UuidTextOf(octets) == uuid && octets.size() == 16
             ? absl::StatusOr<std::string>(octets)
             : RefuseFields(Reason::kInvalidArgument,
                            {{"voucher_id", "is no UUID in lower case"}});
}

absl::StatusOr<VoucherQuery> QueryOf(
    const masa::v1::ListVouchersRequest& request) {
  VoucherQuery query;
  MASA_ASSIGN_OR_RETURN(query.listing.device, KeyIn(request));
  if (request.has_from()) {
    MASA_ASSIGN_OR_RETURN(query.listing.from, MomentOf("from", request.from()));
  }
  if (request.has_before()) {
    MASA_ASSIGN_OR_RETURN(query.listing.before,
                          MomentOf("before", request.before()));
  }
  MASA_ASSIGN_OR_RETURN(query.page_size, PageSizeOf(request.page_size()));
  query.is_full = request.view() == masa::v1::VOUCHER_VIEW_FULL;
  if (query.is_full) {
    query.page_size = std::min(query.page_size, kMostFull);
  }
  query.list = absl::StrCat("vouchers/", absl::FormatTime(query.listing.from),
                            "/", absl::FormatTime(query.listing.before), "/",
                            request.device().SerializeAsString());
  MASA_ASSIGN_OR_RETURN(const std::string last,
                        LastOf(query.list, request.page_token()));
  if (!last.empty()) {
    MASA_ASSIGN_OR_RETURN(query.listing.after, PlaceIn(last));
  }
  return query;
}

std::string TokenBehind(const VoucherQuery& query,
                        const storage::IssuedVoucher& last) {
  return PageTokenOf(query.list, PlaceText(last));
}

}  // namespace masa::authority
