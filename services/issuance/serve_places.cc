// The use cases of group_desk.h that are about devices.
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/issuance/ids.h"
#include "services/issuance/issue_orders.h"
#include "services/issuance/serve_groups.h"
#include "services/ownership/group_plans.h"
#include "services/ownership/group_view.h"
#include "services/ownership/role_plans.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/voucher.h"
#include "services/wire/voucher_request.h"

namespace masa::issuance {
namespace {

using ownership::Act;
using ownership::Actor;
using storage::DeviceAnswer;
using storage::OrganizationTree;

constexpr int kMostPlans = 8;

Actor ActorOf(const GroupCall& call) {
  return ownership::ActorOf(call.caller, call.is_told_of_foreign);
}

// Where the caller has no role, the sentence is that of an unknown device
// (O13).
absl::Status CheckMayWith(const OrganizationTree& tree, const Actor& actor,
                          const storage::Device& device, Act act) {
  const std::string place = ownership::PlaceOf(device);
  if (actor.support) {
    return absl::OkStatus();  // of devices that nobody owns, too
  }
  if (ownership::PowerIn(tree, actor, place) == ownership::Power::kNone) {
    return ownership::Foreign(actor, ownership::DeviceNotFound());
  }
  return ownership::CheckMay(tree, actor, place, act);
}

absl::Status AsPublic(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case Reason::kDeviceUnknown:
      return ownership::DeviceNotFound();
    case Reason::kDeviceAmbiguous:
      return Refuse(Reason::kDeviceAmbiguous,
                    "several devices have this serial number; masa.v1 tells "
                    "them apart by idevid_issuer_ski");
    default:
      return status;
  }
}

absl::Status CheckLifetime(const storage::GroupCert& cert,
                           const std::optional<absl::Time>& expires_on,
                           absl::Time now) {
  if (cert.expires_at && *cert.expires_at <= now) {
    return Refuse(Reason::kCertExpired,
                  "the domain certificate's expiry_time is past");
  }
  if (expires_on && *expires_on <= now) {
    return Refuse(Reason::kLifetimeInPast, "lifetime is in the past");
  }
  return expires_on && cert.expires_at && *expires_on > *cert.expires_at
             ? Refuse(Reason::kLifetimeExceedsCert,
                      "lifetime is after the domain certificate's expiry_time")
             : absl::OkStatus();
}

// The certificate to pin for a device of `tree`; `of_cert` is the tree that it
// is in, if any.
absl::StatusOr<storage::GroupCert> CertFor(const OrganizationTree& tree,
                                           const OrganizationTree& of_cert,
                                           const VoucherOrder& order,
                                           absl::Time now) {
  const auto found = tree.certs.find(order.cert_id);
  if (found == tree.certs.end()) {
    return AtField(of_cert.certs.empty()
                       ? ownership::CertNotFound()
                       : Refuse(Reason::kCertOrgMismatch,
                                "the domain certificate is another "
                                "organisation's than the device"),
                   "cert_id");
  }
  MASA_RETURN_IF_ERROR(
      AtField(CheckLifetime(found->second, order.expires_on, now), "lifetime"));
  return found->second;
}

OwnerOrder OrderOf(DeviceAnswer device, const storage::GroupCert& cert,
                   const VoucherOrder& order, const std::string& digest) {
  return {std::move(device),
          cert.certificate_der,
          {},
          order.expires_on,
          masa::v1::FORMAT_CMS_JSON,
          digest,
          masa::v1::DOMAIN_CERT_REACH_SAME_ORG,
          cert.revocation_checks};
}

absl::StatusOr<bool> ChecksRevocation(const storage::IssuedVoucher& issued) {
  MASA_ASSIGN_OR_RETURN(
      const wire::VoucherRequest artifact,
      wire::ParseVoucherRequest(issued.format, issued.voucher));
  MASA_ASSIGN_OR_RETURN(
      const wire::Voucher voucher,
      wire::ParseVoucherContent(issued.format, artifact.artifact.payload));
  return voucher.domain_cert_revocation_checks;
}

// A repeat by another cert_id asks for another voucher, although the
// certificate is the same, where the two say otherwise of revocation.
absl::Status CheckRepeats(const PolicySnapshot& policies,
                          absl::Span<const storage::Committed> issued,
                          absl::Span<const storage::Device> devices,
                          const storage::GroupCert& cert) {
  for (size_t i = 0; i < issued.size(); ++i) {
    if (!issued[i].replayed) {
      continue;
    }
    MASA_ASSIGN_OR_RETURN(
        const masa::v1::Product* product,
        policies.ProductOf(devices[i].tenant_id, devices[i].product_id));
    MASA_ASSIGN_OR_RETURN(const bool checks,
                          ChecksRevocation(issued[i].voucher));
    if (checks !=
        (cert.revocation_checks || product->domain_cert_revocation_checks())) {
      return AtField(Refuse(Reason::kRequestIdReused,
                            "the request id was used for another voucher"),
                     "cert_id");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<DeviceAnswer>> ServeGroups::Find(
    const GroupCall& call, absl::Span<const storage::DeviceKey> devices,
    absl::Span<const std::string> digests,
    absl::Span<const std::string> fields) {
  std::vector<storage::DeviceQuestion> questions;
  for (size_t i = 0; i < devices.size(); ++i) {
    questions.push_back({devices[i], i < digests.size() ? digests[i] : ""});
    questions.back().key.tenant_id = call.caller.tenant_id;
  }
  auto found = tools_.devices.Find(call.context, questions);
  std::vector<DeviceAnswer> answers;
  for (size_t i = 0; i < found.size(); ++i) {
    if (!found[i].ok()) {
      return AtField(AsPublic(found[i].status()), fields[i]);
    }
    answers.push_back(*std::move(found[i]));
  }
  return answers;
}

absl::StatusOr<std::map<std::string, OrganizationTree>> ServeGroups::TreesOf(
    const GroupCall& call, absl::Span<const DeviceAnswer> devices) {
  std::map<std::string, OrganizationTree> trees;
  for (const DeviceAnswer& answer : devices) {
    const std::string& owner = answer.device.organization_id;
    if (!trees.contains(owner)) {
      MASA_ASSIGN_OR_RETURN(trees[owner], Read(call, By::kOrganization, owner));
    }
  }
  return trees;
}

absl::StatusOr<std::vector<PlacedDevice>> ServeGroups::GetDevices(
    const GroupCall& call, absl::Span<const storage::DeviceKey> devices,
    absl::Span<const std::string> fields) {
  MASA_ASSIGN_OR_RETURN(std::vector<DeviceAnswer> answers,
                        Find(call, devices, {}, fields));
  MASA_ASSIGN_OR_RETURN(const auto trees, TreesOf(call, answers));
  const Actor actor = ActorOf(call);
  std::vector<PlacedDevice> placed;
  for (size_t i = 0; i < answers.size(); ++i) {
    storage::Device& device = answers[i].device;
    const OrganizationTree& tree = trees.at(device.organization_id);
    MASA_RETURN_IF_ERROR(
        AtField(CheckMayWith(tree, actor, device, Act::kSee), fields[i]));
    auto groups =
        ownership::GroupsSeen(tree, actor, ownership::PlaceOf(device));
    placed.push_back({std::move(device), std::move(groups)});
  }
  return placed;
}

absl::StatusOr<std::vector<PlacedDevice>> ServeGroups::ListDevices(
    const GroupCall& call, const std::string& group_id,
    const storage::DevicePlace& after, int limit) {
  MASA_ASSIGN_OR_RETURN(const OrganizationTree tree,
                        Read(call, By::kGroup, group_id));
  const Actor actor = ActorOf(call);
  MASA_RETURN_IF_ERROR(ownership::CheckMay(tree, actor, group_id, Act::kSee));
  MASA_ASSIGN_OR_RETURN(
      std::vector<storage::Device> devices,
      group_id == tree.id()
          ? tools_.owned.ListOwned(call.context, tree.tenant_id, tree.id(),
                                   after, limit)
          : tools_.groups.ListPlaced(call.context, tree.tenant_id, group_id,
                                     after, limit));
  std::vector<PlacedDevice> placed;
  for (storage::Device& device : devices) {
    auto groups =
        ownership::GroupsSeen(tree, actor, ownership::PlaceOf(device));
    placed.push_back({std::move(device), std::move(groups)});
  }
  return placed;
}

absl::Status ServeGroups::Place(const GroupCall& call,
                                const storage::DeviceKey& device,
                                const std::string& group_id,
                                const PlanPlace& plan) {
  const std::string field = "component";
  absl::Status status;
  for (int i = 0; i < kMostPlans; ++i) {
    MASA_ASSIGN_OR_RETURN(const OrganizationTree tree,
                          Read(call, By::kGroup, group_id));
    // First, so that who has no group learns nothing of any device.
    MASA_RETURN_IF_ERROR(
        ownership::CheckMay(tree, ActorOf(call), group_id, Act::kPlaceDevice));
    MASA_ASSIGN_OR_RETURN(const auto answers,
                          Find(call, {device}, {}, {field}));
    const auto placement = plan(tree, ActorOf(call), answers.front().device);
    if (!placement.ok()) {
      // Of a foreign device all that is said of an unknown one.
      return ownership::IsForeign(placement.status())
                 ? AtField(placement.status(), field)
                 : placement.status();
    }
    if (call.validate_only) {
      return absl::OkStatus();
    }
    status = tools_.groups
                 .Place(call.context, call.caller.name, tools_.clock.Now(),
                        *placement)
                 .status();
    if (status.ok() || ReasonOf(status) != Reason::kStoreConflict) {
      break;
    }
  }
  return status;
}

absl::Status ServeGroups::AddDevice(const GroupCall& call,
                                    const storage::DeviceKey& device,
                                    const std::string& group_id) {
  return Place(call, device, group_id,
               [&](const auto& tree, const auto& actor, const auto& found) {
                 return ownership::PlanAddDevice(tree, actor, found, group_id);
               });
}

absl::Status ServeGroups::RemoveDevice(const GroupCall& call,
                                       const storage::DeviceKey& device,
                                       const std::string& group_id) {
  return Place(call, device, group_id,
               [&](const auto& tree, const auto& actor, const auto& found) {
                 return ownership::PlanRemoveDevice(tree, actor, found,
                                                    group_id);
               });
}

absl::StatusOr<std::vector<storage::Committed>> ServeGroups::IssueVouchers(
    const GroupCall& call, const VoucherOrder& order,
    absl::Span<const std::string> fields,
    std::vector<storage::Device>* devices) {
  std::vector<std::string> digests;
  for (size_t i = 0; i < order.devices.size(); ++i) {
    digests.push_back(Sha256(absl::StrCat("ownership:", call.caller.name, ":",
                                          call.context.request_id, ":", i)));
  }
  MASA_ASSIGN_OR_RETURN(std::vector<DeviceAnswer> answers,
                        Find(call, order.devices, digests, fields));
  MASA_ASSIGN_OR_RETURN(const auto trees, TreesOf(call, answers));
  MASA_ASSIGN_OR_RETURN(const OrganizationTree of_cert,
                        Read(call, By::kCert, order.cert_id));
  std::vector<OwnerOrder> orders;
  storage::GroupCert cert;
  for (size_t i = 0; i < answers.size(); ++i) {
    const storage::Device& device = answers[i].device;
    const OrganizationTree& tree = trees.at(device.organization_id);
    MASA_RETURN_IF_ERROR(
        AtField(CheckMayWith(tree, ActorOf(call), device, Act::kGetVoucher),
                fields[i]));
    MASA_ASSIGN_OR_RETURN(cert,
                          CertFor(tree, of_cert, order, tools_.clock.Now()));
    devices->push_back(device);
    orders.push_back(OrderOf(std::move(answers[i]), cert, order, digests[i]));
  }
  MASA_ASSIGN_OR_RETURN(auto issued,
                        IssueOrders(tools_, call.context, call.caller,
                                    std::move(orders), fields));
  MASA_ASSIGN_OR_RETURN(const auto policies,
                        tools_.policies.Current(call.context));
  MASA_RETURN_IF_ERROR(CheckRepeats(*policies, issued, *devices, cert));
  return issued;
}

}  // namespace masa::issuance
