#include "storage/postgres/postgres_group_store.h"

#include <algorithm>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/audit_event.h"
#include "storage/group_changes.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/definition.h"
#include "storage/postgres/device_writes.h"
#include "storage/postgres/group_rows.h"
#include "storage/postgres/organization_removal.h"
#include "storage/postgres/request_results.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"
#include "storage/tree_event.h"

namespace masa::storage {
namespace {

constexpr Statement kListOrganizations = {
    "list_organizations",
    "SELECT organization_id, definition, tree_version FROM organizations "
    "WHERE tenant_id = $1 AND organization_id > $2 "
    "ORDER BY organization_id LIMIT $3"};

constexpr Statement kListPlaced = {
    "list_placed_devices",
    "SELECT " MASA_DEVICE_COLUMNS("d") " FROM devices d "
    "WHERE d.tenant_id = $1 AND d.group_id = $2 AND d.group_id <> '' "
    "AND d.deleted_at IS NULL "
    "AND (d.bucket, d.device_id) > ($3::smallint, $4::bytea) "
    "ORDER BY d.bucket, d.device_id LIMIT $5"};

}  // namespace

std::unique_ptr<PostgresGroupStore> PostgresGroupStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresGroupStore>(new PostgresGroupStore(pool));
}

absl::StatusOr<std::vector<OrganizationTree>> PostgresGroupStore::ReadTrees(
    const RequestContext& context, const TreeQuestion& question) {
  std::vector<OrganizationTree> trees;
  if (!CanBeAsked(question)) {
    return trees;
  }
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(trees, SelectTrees(transaction, question));
        return absl::OkStatus();
      }));
  return trees;
}

absl::StatusOr<std::vector<OrganizationTree>>
PostgresGroupStore::ListOrganizations(const RequestContext& context,
                                      const std::string& tenant_id,
                                      const std::string& after, int limit) {
  std::vector<OrganizationTree> found;
  if (!IsStorableText(tenant_id) || !IsStorableText(after)) {
    return found;
  }
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        found.clear();
        for (const pqxx::row& row :
             Execute(transaction, kListOrganizations, tenant_id, after,
                     std::max(limit, 0))) {
          OrganizationTree& tree = found.emplace_back();
          tree.tenant_id = tenant_id;
          MASA_RETURN_IF_ERROR(
              ParseDefinition(row[1].as<std::string>(), &tree.organization));
          tree.organization.set_organization_id(row[0].as<std::string>());
          tree.version = row[2].as<int64_t>();
        }
        return absl::OkStatus();
      }));
  return found;
}

absl::Status PostgresGroupStore::Change(const RequestContext& context,
                                        const std::string& actor, absl::Time at,
                                        const TreeChange& change) {
  MASA_RETURN_IF_ERROR(CheckTreeChange(change));
  const AuditEvent event = TreeEvent(change, actor, at, context.request_id);
  return RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        if (!RememberResult(transaction, change.once,
                            {change.once_digest, change.result}, at)) {
          return TreeHasChanged();
        }
        if (change.removes_organization) {
          MASA_RETURN_IF_ERROR(RemoveOrganization(transaction, change));
        } else if (!AdvanceTree(transaction, change)) {
          return TreeHasChanged();
        }
        MASA_RETURN_IF_ERROR(HoldRightsHolders(transaction, change));
        MASA_RETURN_IF_ERROR(WriteTree(transaction, change));
        InsertEvents(transaction, {event});
        return absl::OkStatus();
      });
}

absl::StatusOr<std::optional<OnceResult>> PostgresGroupStore::Recall(
    const RequestContext& context, const OnceKey& key) {
  std::optional<OnceResult> known;
  if (!IsStorableText(key.actor) || !IsStorableText(key.request_id)) {
    return known;
  }
  MASA_RETURN_IF_ERROR(RunTransaction(*pool_, context,
                                      TransactionKind::kOneStatement,
                                      [&](pqxx::transaction_base& transaction) {
                                        known = RecallResult(transaction, key);
                                        return absl::OkStatus();
                                      }));
  return known;
}

absl::StatusOr<Device> PostgresGroupStore::Place(const RequestContext& context,
                                                 const std::string& actor,
                                                 absl::Time at,
                                                 const Placement& placement) {
  const DeviceKey& key = placement.device;
  if (!IsStorableText(key.tenant_id) || !IsStorableText(key.serial_number) ||
      !IsStorableText(placement.to_group_id)) {
    return Refuse(Reason::kDeviceUnknown, "no such device");
  }
  absl::StatusOr<Device> device;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        const StoredFacts facts = LockAndRead(
            transaction, {{key.tenant_id, key.serial_number}}, {}, {});
        device = PlanPlace(placement, facts.devices);
        MASA_RETURN_IF_ERROR(device.status());
        if (!placement.to_group_id.empty() &&
            !HoldGroup(transaction, key.tenant_id, placement.organization_id,
                       placement.to_group_id)) {
          return GroupIsGone();
        }
        ChangeDevices(transaction, facts.devices, {*device},
                      {OwnerChange::kAssigned, at});
        const DevicesById before = IndexById(facts.devices);
        InsertEvents(
            transaction,
            {DeviceEvent(kDevicePlaced, FindById(before, device->device_id),
                         *device, actor, at, context.request_id)});
        return absl::OkStatus();
      }));
  return device;
}

absl::StatusOr<std::vector<Device>> PostgresGroupStore::ListPlaced(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& group_id, const DevicePlace& after, int limit) {
  std::vector<Device> devices;
  if (!IsStorableText(tenant_id) || !IsStorableText(group_id)) {
    return devices;
  }
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        devices.clear();
        for (const pqxx::row& row : Execute(
                 transaction, kListPlaced, tenant_id, group_id, after.bucket,
                 BytesParameter(after.device_id), std::max(limit, 0))) {
          devices.push_back(ReadDevice(row, 0));
        }
        return absl::OkStatus();
      }));
  return devices;
}

}  // namespace masa::storage
