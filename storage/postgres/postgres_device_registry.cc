#include "storage/postgres/postgres_device_registry.h"

#include <algorithm>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/device_writes.h"
#include "storage/postgres/request_results.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"
#include "storage/registry_rules.h"

namespace masa::storage {
namespace {

// So many devices a page looks at, however few the filter lets through: a
// statement that runs through the whole table would hold its connection. It
// stands in the text, where the planner sees it.
#define MASA_SCANNED "20000"
#define MASA_LAST_SCANNED "19999"

// The devices that a page looks at: behind a place, in order.
#define MASA_SCAN(where)                                        \
  "FROM (SELECT * FROM devices e WHERE e.tenant_id = $1 " where \
  "AND (e.bucket, e.device_id) > ($2::smallint, $3::bytea) "    \
  "ORDER BY e.bucket, e.device_id LIMIT " MASA_SCANNED ") d "
#define MASA_OWNED "AND e.organization_id = $4 AND e.organization_id <> '' "
#define MASA_PLACED "AND e.group_id = $4 AND e.group_id <> '' "
#define MASA_ANY "AND $4 = '' "

#define MASA_PASSES                                                           \
  "($5::smallint = 0 OR d.state = $5::smallint) "                             \
  "AND ($6 = '' OR d.product_id = $6) AND ($7 = '' OR d.model = $7) "         \
  "AND ($8::smallint = 0 OR (d.organization_id <> '') = ($8::smallint = 1)) " \
  "AND ($9 = '{}' OR d.labels::jsonb @> $9::jsonb) "                          \
  "AND ($10::boolean OR d.deleted_at IS NULL) "                               \
  "AND ($11 = '' OR d.organization_id = $11) "
#define MASA_PAGE(where)                            \
  "SELECT " MASA_DEVICE_COLUMNS("d") " " MASA_SCAN( \
      where) "WHERE " MASA_PASSES "ORDER BY d.bucket, d.device_id LIMIT $12"
#define MASA_COUNT(where) \
  "SELECT count(*) FILTER (WHERE " MASA_PASSES ") " MASA_SCAN(where)
#define MASA_END(where)                                                 \
  "SELECT d.bucket, d.device_id " MASA_SCAN(                            \
      where) "ORDER BY d.bucket, d.device_id OFFSET " MASA_LAST_SCANNED \
             " LIMIT 1"

struct Listing {
  Statement page;
  Statement count;
  Statement end;  // where the looking stopped; nothing: at the last device
};

constexpr Listing kAll = {{"list_devices", MASA_PAGE(MASA_ANY)},
                          {"count_devices", MASA_COUNT(MASA_ANY)},
                          {"list_devices_end", MASA_END(MASA_ANY)}};
constexpr Listing kOwned = {{"list_owned_page", MASA_PAGE(MASA_OWNED)},
                            {"count_owned", MASA_COUNT(MASA_OWNED)},
                            {"list_owned_end", MASA_END(MASA_OWNED)}};
constexpr Listing kPlaced = {{"list_placed_page", MASA_PAGE(MASA_PLACED)},
                             {"count_placed", MASA_COUNT(MASA_PLACED)},
                             {"list_placed_end", MASA_END(MASA_PLACED)}};

bool CanBeAsked(const std::string& tenant_id, const DeviceFilter& filter) {
  return IsStorableText(tenant_id) && IsStorableText(filter.organization_id) &&
         IsStorableText(filter.group_id) && IsStorableText(filter.product_id) &&
         IsStorableText(filter.model) &&
         std::all_of(filter.labels.begin(), filter.labels.end(),
                     [](const auto& label) {
                       return IsStorableText(label.first) &&
                              IsStorableText(label.second);
                     });
}

// The narrowest index that has all of them.
std::pair<const Listing*, std::string> ListingOf(const DeviceFilter& filter) {
  if (!filter.group_id.empty()) {
    return {&kPlaced, filter.group_id};
  }
  return filter.organization_id.empty()
             ? std::make_pair(&kAll, std::string())
             : std::make_pair(&kOwned, filter.organization_id);
}

// Runs `statement`, which takes a filter, with `more` behind it.
template <typename... More>
pqxx::result ExecuteFiltered(pqxx::transaction_base& transaction,
                             const Statement& statement,
                             const std::string& tenant_id,
                             const DeviceFilter& filter,
                             const DevicePlace& after, More... more) {
  return Execute(transaction, statement, tenant_id, after.bucket,
                 BytesParameter(after.device_id), ListingOf(filter).second,
                 filter.state ? static_cast<int>(*filter.state) : 0,
                 filter.product_id, filter.model,
                 !filter.owned   ? 0
                 : *filter.owned ? 1
                                 : 2,
                 EncodeLabels(filter.labels), filter.also_deleted,
                 filter.organization_id, more...);
}

// Where the looking stopped behind `after`; nothing at the last device. Of the
// same moment as the looking, or devices between the two ends are passed over.
std::optional<DevicePlace> ReadEnd(pqxx::transaction_base& transaction,
                                   const std::string& tenant_id,
                                   const DeviceFilter& filter,
                                   const DevicePlace& after) {
  const auto& [listing, scope] = ListingOf(filter);
  const pqxx::result end =
      Execute(transaction, listing->end, tenant_id, after.bucket,
              BytesParameter(after.device_id), scope);
  if (end.empty()) {
    return std::nullopt;
  }
  return DevicePlace{end[0][0].as<int16_t>(), ReadBytes(end[0][1])};
}

void ReadPage(pqxx::transaction_base& transaction, const std::string& tenant_id,
              const DeviceFilter& filter, const DevicePlace& after, int limit,
              DevicePage& page) {
  page = {};
  for (const pqxx::row& row :
       ExecuteFiltered(transaction, ListingOf(filter).first->page, tenant_id,
                       filter, after, limit)) {
    page.devices.push_back(ReadDevice(row, 0));
  }
  if (static_cast<int>(page.devices.size()) == limit) {
    page.next = {page.devices.back().bucket, page.devices.back().device_id};
    return;
  }
  page.next = ReadEnd(transaction, tenant_id, filter, after);
}

// What is the same of a creation and an edit.
struct Task {
  DeviceKey key;
  std::string product_id;
  std::string organization_id;
  const std::optional<OnceOrder>& once;
  bool validate_only;
};

// Locks, looks whether it is a repeat, plans, writes.
template <typename Plan>
absl::StatusOr<Device> Carry(pqxx::transaction_base& transaction,
                             const Task& task, absl::Time at,
                             const Plan& plan) {
  ScopedNames serials, products, organizations;
  AddName(serials, task.key.tenant_id, task.key.serial_number);
  AddName(products, task.key.tenant_id, task.product_id);
  AddName(organizations, task.key.tenant_id, task.organization_id);
  const StoredFacts facts =
      LockAndRead(transaction, serials, products, organizations);
  if (task.once) {
    const auto known = RecallResult(transaction, task.once->key);
    if (known) {
      return Replay(*known, *task.once, facts.devices);
    }
  }
  MASA_ASSIGN_OR_RETURN(EditPlan planned, plan(facts));
  if (task.validate_only) {
    return std::move(planned.device);
  }
  if (planned.event) {
    ChangeDevices(transaction, facts.devices, {planned.device},
                  {OwnerChange::kImported, at});
    InsertEvents(transaction, {*planned.event});
  }
  if (task.once &&
      !RememberResult(transaction, task.once->key,
                      {task.once->digest, ReplayMark(planned.device)}, at)) {
    return RequestIsKnown();
  }
  return std::move(planned.device);
}

// The same of a batch, in one transaction whatever the shards are: a sharded
// engine commits it in two phases.
absl::StatusOr<std::vector<Device>> CarryAll(
    pqxx::transaction_base& transaction, const BatchCreation& creation,
    const Change& change) {
  ScopedNames serials, products, organizations;
  for (const Device& device : creation.devices) {
    AddName(serials, device.tenant_id, device.serial_number);
    AddName(products, device.tenant_id, device.product_id);
    AddName(organizations, device.tenant_id, device.organization_id);
  }
  const StoredFacts facts =
      LockAndRead(transaction, serials, products, organizations);
  if (creation.once) {
    const auto known = RecallResult(transaction, creation.once->key);
    if (known) {
      return ReplayAll(*known, creation, facts.devices);
    }
  }
  MASA_ASSIGN_OR_RETURN(BatchPlan plan, PlanCreations(creation, facts, change));
  if (creation.validate_only) {
    return std::move(plan.devices);
  }
  ChangeDevices(transaction, facts.devices, plan.devices,
                {OwnerChange::kImported, change.at});
  InsertEvents(transaction, plan.events);
  if (!RememberOrder(transaction, creation.once, change.at)) {
    return RequestIsKnown();
  }
  return std::move(plan.devices);
}

}  // namespace

std::unique_ptr<PostgresDeviceRegistry> PostgresDeviceRegistry::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresDeviceRegistry>(
      new PostgresDeviceRegistry(pool));
}

absl::StatusOr<DevicePage> PostgresDeviceRegistry::List(
    const RequestContext& context, const std::string& tenant_id,
    const DeviceFilter& filter, const DevicePlace& after, int limit) {
  DevicePage page;
  if (!CanBeAsked(tenant_id, filter)) {
    return page;  // names that no record can have
  }
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kReadsOfOneMoment,
      [&](pqxx::transaction_base& transaction) {
        ReadPage(transaction, tenant_id, filter, after, limit, page);
        return absl::OkStatus();
      }));
  return page;
}

absl::StatusOr<DeviceCount> PostgresDeviceRegistry::Count(
    const RequestContext& context, const std::string& tenant_id,
    const DeviceFilter& filter, const DevicePlace& after) {
  DeviceCount count;
  if (!CanBeAsked(tenant_id, filter)) {
    return count;
  }
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kReadsOfOneMoment,
      [&](pqxx::transaction_base& transaction) {
        const pqxx::result counted =
            ExecuteFiltered(transaction, ListingOf(filter).first->count,
                            tenant_id, filter, after);
        count.devices = counted[0][0].as<int64_t>();
        count.next = ReadEnd(transaction, tenant_id, filter, after);
        return absl::OkStatus();
      }));
  return count;
}

absl::StatusOr<Device> PostgresDeviceRegistry::Create(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const DeviceCreation& creation) {
  const Device& device = creation.device;
  MASA_RETURN_IF_ERROR(CheckDevice(device));
  const Task task = {{device.tenant_id, device.serial_number, {}},
                     device.product_id,
                     device.organization_id,
                     creation.once,
                     creation.validate_only};
  absl::StatusOr<Device> made;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        made = Carry(transaction, task, at, [&](const StoredFacts& facts) {
          return PlanCreation(creation, facts, {actor, at, context.request_id});
        });
        return made.status();
      }));
  return made;
}

absl::StatusOr<std::vector<Device>> PostgresDeviceRegistry::CreateAll(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const BatchCreation& creation) {
  absl::StatusOr<std::vector<Device>> made;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        made = CarryAll(transaction, creation, {actor, at, context.request_id});
        return made.status();
      }));
  return made;
}

absl::StatusOr<Device> PostgresDeviceRegistry::Edit(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const DeviceEdit& edit) {
  const Task task = {edit.device, edit.product_id, "", edit.once,
                     edit.validate_only};
  absl::StatusOr<Device> edited;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        edited = Carry(transaction, task, at, [&](const StoredFacts& facts) {
          return PlanEdit(edit, facts, {actor, at, context.request_id});
        });
        return edited.status();
      }));
  return edited;
}

}  // namespace masa::storage
