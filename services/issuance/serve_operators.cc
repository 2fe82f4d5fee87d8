#include "services/issuance/serve_operators.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/issuance/ids.h"
#include "services/issuance/voucher_record.h"
#include "services/ownership/standing.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"
#include "services/voucher/rules.h"

namespace masa::issuance {
namespace {

constexpr size_t kMostItems = 1000;

absl::Status CheckMayManage(const identity::Principal& caller) {
  return caller.role == identity::Role::kOperator
             ? absl::OkStatus()
             : Refuse(Reason::kPermissionDenied,
                      "this call is for the manufacturer's operators");
}

absl::Status CheckCount(size_t count) {
  return count > 0 && count <= kMostItems
             ? absl::OkStatus()
             : Refuse(Reason::kTooManyItems,
                      absl::StrCat("a call takes 1 to ", kMostItems,
                                   " items, not ", count));
}

// VL-02, VI-09: exactly one of nonce and expiry, and an expiry that can hold.
absl::Status CheckLifetime(const IssueOrder& order,
                           const masa::v1::Product& product,
                           const wire::Certificate& pin, absl::Time now) {
  if (order.nonce.has_value() == order.expires_on.has_value()) {
    return Refuse(Reason::kInvalidArgument,
                  "give exactly one of nonce and expires_on");
  }
  if (pin->not_after <= now) {
    return Refuse(Reason::kCertExpired, "pinned_cert_der has expired");
  }
  if (order.nonce) {
    const size_t octets = wire::NonceOctets(*order.nonce).size();
    return octets >= 8 && octets <= 32
               ? absl::OkStatus()
               : Refuse(Reason::kInvalidArgument,
                        "nonce is not of 8 to 32 octets");
  }
  if (product.nonceless() != masa::v1::NONCELESS_RULE_OWNER) {
    return Refuse(Reason::kLifetimeNotAllowed,
                  "devices of this product get no vouchers without a nonce");
  }
  if (*order.expires_on <= now) {
    return Refuse(Reason::kLifetimeInPast, "expires_on is in the past");
  }
  if (*order.expires_on > pin->not_after) {
    return Refuse(Reason::kLifetimeExceedsCert,
                  "expires_on is after the end of pinned_cert_der");
  }
  return absl::OkStatus();
}

absl::Status CheckFormat(const IssueOrder& order,
                         const masa::v1::Product& product) {
  const auto& formats = product.formats();
  if (std::count(formats.begin(), formats.end(), order.format) == 0) {
    return Refuse(Reason::kFormatNotForDevice,
                  "devices of this product do not understand this format");
  }
  return absl::OkStatus();
}

wire::Voucher VoucherFor(const IssueOrder& order,
                         const storage::DeviceAnswer& device,
                         const wire::Certificate& pin, bool is_owner,
                         absl::Time now) {
  wire::Voucher voucher;
  voucher.assertion =
      is_owner ? masa::v1::ASSERTION_VERIFIED : masa::v1::ASSERTION_LOGGED;
  voucher.created_on = now;
  voucher.expires_on = order.expires_on;
  voucher.serial_number = device.device.serial_number;
  voucher.nonce = order.nonce;
  voucher.pinned_domain_cert_der = pin->der;
  if (device.serial_shared && device.device.idevid_issuer) {
    voucher.idevid_issuer =
        wire::AuthorityKeyIdExtension(*device.device.idevid_issuer);
  }
  return voucher;
}

}  // namespace

absl::StatusOr<storage::DeviceAnswer> ServeOperators::FindFor(
    const RequestContext& context, const identity::Principal& caller,
    const storage::DeviceKey& key, const std::string& request_digest) {
  storage::DeviceQuestion question{key, request_digest};
  question.key.tenant_id = caller.tenant_id;
  auto found = tools_.devices.Find(context, {question});
  const bool foreign =
      found.front().ok() && caller.role != identity::Role::kOperator &&
      (caller.organization_id.empty() ||
       found.front()->device.organization_id != caller.organization_id);
  if (foreign) {
    return Refuse(Reason::kDeviceUnknown, "there is no such device");
  }
  if (!found.front().ok() &&
      ReasonOf(found.front().status()) == Reason::kDeviceUnknown) {
    return Refuse(Reason::kDeviceUnknown, "there is no such device");
  }
  return std::move(found.front());
}

absl::StatusOr<storage::Committed> ServeOperators::IssueVoucher(
    const RequestContext& context, const identity::Principal& caller,
    const IssueOrder& order) {
  const absl::Time now = tools_.clock.Now();
  const std::string digest =
      Sha256(order.request_id.empty() ? absl::StrCat("once:", NewId(now))
                                      : absl::StrCat("request_id:", caller.name,
                                                     ":", order.request_id));
  MASA_ASSIGN_OR_RETURN(const storage::DeviceAnswer device,
                        FindFor(context, caller, order.device, digest));
  MASA_ASSIGN_OR_RETURN(const wire::Certificate pin,
                        wire::Certificate::Parse(order.pinned_cert_der));
  if (device.previous) {
    if (device.previous->pinned_spki_sha256 != pin->spki_sha256 ||
        device.previous->nonce != order.nonce) {
      return Refuse(Reason::kRequestIdReused,
                    "request_id was used for another voucher");
    }
    return storage::Committed{*device.previous, true};
  }
  MASA_RETURN_IF_ERROR(voucher::CheckDeviceState(device.device));
  return Make(context, caller, order, device, pin, digest, now);
}

absl::StatusOr<storage::Committed> ServeOperators::Make(
    const RequestContext& context, const identity::Principal& caller,
    const IssueOrder& order, const storage::DeviceAnswer& device,
    const wire::Certificate& pin, const std::string& request_digest,
    absl::Time now) {
  MASA_ASSIGN_OR_RETURN(const auto policies, tools_.policies.Current(context));
  MASA_ASSIGN_OR_RETURN(
      const masa::v1::Product* product,
      policies->ProductOf(caller.tenant_id, device.device.product_id));
  const auto standing = ownership::StandingOf(device, {pin->spki_sha256}, true);
  if (!standing.is_owner &&
      (caller.role != identity::Role::kOperator ||
       product->ownership() == masa::v1::OWNERSHIP_RULE_REQUIRED)) {
    return Refuse(Reason::kOwnerMismatch,
                  "pinned_cert_der is not a domain certificate of the "
                  "device's owner");
  }
  MASA_RETURN_IF_ERROR(CheckLifetime(order, *product, pin, now));
  MASA_RETURN_IF_ERROR(CheckFormat(order, *product));
  const std::string& key =
      voucher::SigningKeyFor(*product, !order.nonce.has_value());
  MASA_ASSIGN_OR_RETURN(
      const auto form,
      tools_.templates.For(context, key, order.format, *product));
  const wire::Voucher data =
      VoucherFor(order, device, pin, standing.is_owner, now);
  auto made = MakeVouchers(context, {data}, *form, tools_.signer, key);
  MASA_RETURN_IF_ERROR(made.front().status());
  storage::IssuedVoucher issued = RecordOf(data, device.device, pin, now);
  issued.request_digest = request_digest;
  issued.format = order.format;
  issued.voucher = *std::move(made.front());
  issued.signing_key = key;
  issued.actor = caller.name;
  issued.request_id = context.request_id;
  return std::move(tools_.log.Commit(context, {issued}).front());
}

absl::StatusOr<Ownership> ServeOperators::ResolveOwnership(
    const RequestContext& context, const identity::Principal& caller,
    const storage::DeviceKey& device, const std::string& spki_sha256) {
  MASA_ASSIGN_OR_RETURN(const storage::DeviceAnswer found,
                        FindFor(context, caller, device, ""));
  MASA_ASSIGN_OR_RETURN(const auto policies, tools_.policies.Current(context));
  MASA_ASSIGN_OR_RETURN(
      const masa::v1::Product* product,
      policies->ProductOf(caller.tenant_id, found.device.product_id));
  const auto standing = ownership::StandingOf(found, {spki_sha256}, true);
  Ownership answer;
  answer.device = found.device;
  const absl::Status state = voucher::CheckDeviceState(found.device);
  const absl::Status owner = voucher::CheckOwnership(*product, standing);
  if (!state.ok() || !owner.ok()) {
    const Reason reason = ReasonOf(state.ok() ? owner : state);
    answer.decision = OwnershipDecision::kDeny;
    answer.reason = std::string(InfoOf(reason).name);
  } else {
    answer.decision = standing.is_owner ? OwnershipDecision::kAllow
                                        : OwnershipDecision::kLogOnly;
    answer.reason = standing.is_owner ? "OWNER" : "ANY_DOMAIN";
  }
  return answer;
}

absl::StatusOr<storage::Device> ServeOperators::GetDevice(
    const RequestContext& context, const identity::Principal& caller,
    const storage::DeviceKey& device) {
  MASA_ASSIGN_OR_RETURN(storage::DeviceAnswer found,
                        FindFor(context, caller, device, ""));
  return std::move(found.device);
}

absl::StatusOr<std::vector<absl::StatusOr<storage::ImportOutcome>>>
ServeOperators::ImportDevices(const RequestContext& context,
                              const identity::Principal& caller,
                              absl::Span<const storage::Device> devices,
                              storage::OnConflict on_conflict) {
  MASA_RETURN_IF_ERROR(CheckMayManage(caller));
  MASA_RETURN_IF_ERROR(CheckCount(devices.size()));
  std::vector<storage::Device> own(devices.begin(), devices.end());
  for (storage::Device& device : own) {
    device.tenant_id = caller.tenant_id;
  }
  return tools_.devices.Import(context, caller.name, tools_.clock.Now(), own,
                               on_conflict);
}

absl::StatusOr<std::vector<absl::StatusOr<storage::Device>>>
ServeOperators::AssignDevices(const RequestContext& context,
                              const identity::Principal& caller,
                              absl::Span<const storage::DeviceKey> devices,
                              const std::string& organization_id) {
  MASA_RETURN_IF_ERROR(CheckMayManage(caller));
  MASA_RETURN_IF_ERROR(CheckCount(devices.size()));
  std::vector<storage::DeviceKey> own(devices.begin(), devices.end());
  for (storage::DeviceKey& key : own) {
    key.tenant_id = caller.tenant_id;
  }
  return tools_.devices.Assign(context, caller.name, tools_.clock.Now(), own,
                               organization_id);
}

absl::StatusOr<std::vector<storage::IssuedVoucher>>
ServeOperators::ListVouchers(const RequestContext& context,
                             const identity::Principal& caller,
                             const storage::DeviceKey& device) {
  constexpr int kMostEvents = 1000;
  MASA_ASSIGN_OR_RETURN(const storage::DeviceAnswer found,
                        FindFor(context, caller, device, ""));
  return tools_.log.ListForDevice(context, found.device.bucket,
                                  found.device.device_id, kMostEvents);
}

}  // namespace masa::issuance
