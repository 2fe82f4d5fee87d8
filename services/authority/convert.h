// Messages of masa.v1 and the values of the use cases. Pure, but for outcomes,
// of which the log may have to hear.
#ifndef SERVICES_AUTHORITY_CONVERT_H_
#define SERVICES_AUTHORITY_CONVERT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"
#include "proto/masa/v1/device.pb.h"
#include "proto/masa/v1/voucher.pb.h"
#include "services/identity/principal.h"
#include "services/rpc/item_faults.h"
#include "services/rpc/serve_unary.h"
#include "services/status/field_faults.h"
#include "storage/device.h"
#include "storage/issuance_log.h"

namespace masa::authority {

absl::Time TimeOf(const google::protobuf::Timestamp& timestamp);
// What lies outside protobuf's own range, as the end of a certificate that has
// none, is its first or last second.
google::protobuf::Timestamp TimestampOf(absl::Time any);
// In whole microseconds, which is what is kept. kInvalidArgument, at `field`,
// for one outside protobuf's own range, the years 1 to 9999.
absl::StatusOr<absl::Time> MomentOf(
    absl::string_view field, const google::protobuf::Timestamp& timestamp);

// The status, its faults in fields of the message that is `field` of the whole:
// "serial_number" becomes "device.serial_number". One that names no field is at
// `field` itself.
absl::Status UnderField(const absl::Status& status, const std::string& field);

// The same; one that names no field stays as it is.
absl::Status FieldsUnder(const absl::Status& status, const std::string& field);

// A fault at `field` for what no store keeps: over `longest` octets, or a zero
// one.
void CheckText(absl::string_view field, const std::string& text, size_t longest,
               FieldChecker* check);

// Refusals of these name the field within the message.

// kInvalidArgument when the serial number is empty.
absl::StatusOr<storage::DeviceKey> KeyOf(const masa::v1::DeviceKey& key);
// The same of a request's field `device`.
template <typename Request>
absl::StatusOr<storage::DeviceKey> KeyIn(const Request& request) {
  auto key = KeyOf(request.device());
  return key.ok() ? std::move(key)
                  : absl::StatusOr<storage::DeviceKey>(
                        UnderField(key.status(), "device"));
}

// A fault for the one state that no caller sets: without a transfer that holds
// the device nothing would end it.
void CheckIsNoTransfer(masa::v1::DeviceState state, FieldChecker* check);

// kInvalidArgument when serial number or product is empty, for IN_TRANSFER, and
// as FieldsOf.
absl::StatusOr<storage::Device> DeviceOf(const masa::v1::Device& device);
// What of it is there; kInvalidArgument for a state, a time, a certificate or a
// key that is none, and for what cannot be kept.
absl::StatusOr<storage::Device> FieldsOf(const masa::v1::Device& device);
// The device as the caller may read it: the sales order is what a device is
// claimed with (ADR 0022), so that operators alone do.
masa::v1::Device MessageOf(const storage::Device& device,
                           const identity::Principal& caller);
// The same without certificates and keys.
masa::v1::Device BasicOf(const storage::Device& device,
                         const identity::Principal& caller);

// An empty reason for OK. `faults` sees it.
masa::v1::ItemOutcome OutcomeOf(const absl::Status& status,
                                rpc::ItemFaults& faults);

// One outcome for each item of a call of `service`, in their order.
template <typename Response>
void FillOutcomes(const std::vector<absl::Status>& items,
                  const rpc::Serving& serving, const std::string& service,
                  const RequestContext& ours, Response* response) {
  rpc::ItemFaults faults(serving.gate, service, ours);
  for (const absl::Status& one : items) {
    *response->add_outcomes() = OutcomeOf(one, faults);
  }
}

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_CONVERT_H_
