#include "services/issuance/noted_reads.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "services/status/macros.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

constexpr char kOfEvents[] = "names in audit events";
constexpr char kOfLog[] = "names in the audit log";
constexpr char kOfVouchers[] = "names in records of vouchers";

// With none there is nothing of a person in it.
int64_t NamesIn(const std::vector<storage::IssuedVoucher>& vouchers) {
  return std::count_if(
      vouchers.begin(), vouchers.end(),
      [](const storage::IssuedVoucher& one) { return !one.actor.empty(); });
}

std::string PayloadOf(const char* what, int64_t count,
                      const storage::DeviceKey* device) {
  google::protobuf::Struct payload;
  auto& fields = *payload.mutable_fields();
  fields["what"].set_string_value(what);
  fields["count"].set_number_value(static_cast<double>(count));
  if (device != nullptr) {
    fields["serial_number"].set_string_value(device->serial_number);
  }
  std::string json;
  // Cannot fail: a device of this serial number was found.
  (void)google::protobuf::util::MessageToJsonString(payload, &json);
  return json;
}

}  // namespace

absl::Status ReadNotes::Write(const RequestContext& context,
                              const identity::Principal& caller,
                              const char* what, int64_t count,
                              const storage::DeviceKey* device) {
  if (caller.role != identity::Role::kOperator || count == 0) {
    return absl::OkStatus();
  }
  const absl::Time now = clock_.Now();
  storage::AuditEvent event;
  event.event_id = storage::NewEventId(now);
  event.tenant_id = caller.tenant_id;
  event.kind = storage::kPersonalDataRead;
  event.at = now;
  event.actor = caller.name;
  event.request_id = context.request_id;
  // Whose names they were is not said: this stays when they are forgotten.
  event.payload = PayloadOf(what, count, device);
  return events_.WriteEvent(context, event);
}

absl::Status NotedAuditDesk::Begin(const RequestContext& context,
                                   const identity::Principal& caller) {
  MASA_RETURN_IF_ERROR(desk_.Begin(context, caller));
  return notes_.Write(context, caller, kOfLog, 1, nullptr);
}

absl::StatusOr<EventPage> NotedAuditDesk::List(
    const RequestContext& context, const identity::Principal& caller,
    const EventFilter& filter, const std::string& after, int limit) {
  MASA_ASSIGN_OR_RETURN(EventPage page,
                        desk_.List(context, caller, filter, after, limit));
  const auto count = std::count_if(
      page.events.begin(), page.events.end(), [](const ListedEvent& one) {
        return one.event && !one.event->who.actor.empty();
      });
  MASA_RETURN_IF_ERROR(notes_.Write(context, caller, kOfEvents, count,
                                    filter.device ? &*filter.device : nullptr));
  return page;
}

absl::StatusOr<std::vector<storage::IssuedVoucher>>
NotedOperatorDesk::ListVouchers(const RequestContext& context,
                                const identity::Principal& caller,
                                const storage::DeviceKey& device) {
  MASA_ASSIGN_OR_RETURN(auto vouchers,
                        desk_.ListVouchers(context, caller, device));
  MASA_RETURN_IF_ERROR(
      notes_.Write(context, caller, kOfVouchers, NamesIn(vouchers), &device));
  return vouchers;
}

absl::StatusOr<storage::IssuedVoucher> NotedVoucherDesk::GetVoucher(
    const RequestContext& context, const identity::Principal& caller,
    const storage::DeviceKey& device, const std::string& voucher_id) {
  MASA_ASSIGN_OR_RETURN(storage::IssuedVoucher voucher,
                        desk_.GetVoucher(context, caller, device, voucher_id));
  MASA_RETURN_IF_ERROR(
      notes_.Write(context, caller, kOfVouchers, NamesIn({voucher}), &device));
  return voucher;
}

absl::StatusOr<std::vector<storage::IssuedVoucher>>
NotedVoucherDesk::ListVouchers(const RequestContext& context,
                               const identity::Principal& caller,
                               const VoucherListing& listing, int limit) {
  MASA_ASSIGN_OR_RETURN(auto vouchers,
                        desk_.ListVouchers(context, caller, listing, limit));
  MASA_RETURN_IF_ERROR(notes_.Write(context, caller, kOfVouchers,
                                    NamesIn(vouchers), &listing.device));
  return vouchers;
}

}  // namespace masa::issuance
