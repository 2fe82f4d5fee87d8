#include "storage/postgres/rows.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/escaping.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/device_details.h"
#include "storage/postgres/event_columns.h"
#include "storage/postgres/log_rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr Statement kInsertEvents = {
    "insert_events",
    "INSERT INTO audit_events (bucket, event_id, device_id, tenant_id, kind, "
    "at, payload, change_id, salt, who_hash) "
    "SELECT * FROM unnest($1::smallint[], $2::bytea[], $3::bytea[], "
    "$4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::bytea[], "
    "$9::bytea[], $10::bytea[])"};

constexpr Statement kInsertChanges = {
    "insert_changes",
    "INSERT INTO changes (change_id, tenant_id, at, actor, request_id, "
    "who_salt) SELECT * FROM unnest($1::bytea[], $2::text[], "
    "$3::timestamptz[], $4::text[], $5::text[], $6::bytea[])"};

void Insert(pqxx::transaction_base& transaction, const EventColumns& e) {
  Execute(transaction, kInsertEvents, e.buckets.Finish(), e.ids.Finish(),
          e.devices.Finish(), e.tenants.Finish(), e.kinds.Finish(),
          e.times.Finish(), e.payloads.Finish(), e.changes.Finish(),
          e.salts.Finish(), e.who_hashes.Finish());
}

std::optional<std::string> ReadOptionalBytes(const pqxx::field& field) {
  if (field.is_null()) {
    return std::nullopt;
  }
  return ReadBytes(field);
}

absl::Time ReadMicros(const pqxx::field& field) {
  return absl::FromUnixMicros(field.as<int64_t>());
}

std::optional<absl::Time> ReadOptionalMicros(const pqxx::field& field) {
  return field.is_null() ? std::optional<absl::Time>() : ReadMicros(field);
}

}  // namespace

std::string ReadBytes(const pqxx::field& field) {
  // bytea_output is hex since PostgreSQL 9.0.
  absl::string_view text(field.c_str(), field.size());
  absl::ConsumePrefix(&text, "\\x");
  return absl::HexStringToBytes(text);
}

Device ReadDevice(const pqxx::row& row, int first) {
  Device device;
  device.bucket = row[first].as<int16_t>();
  device.device_id = ReadBytes(row[first + 1]);
  device.tenant_id = row[first + 2].as<std::string>();
  device.serial_number = row[first + 3].as<std::string>();
  device.idevid_issuer = ReadOptionalBytes(row[first + 4]);
  device.product_id = row[first + 5].as<std::string>();
  device.organization_id = row[first + 6].as<std::string>();
  device.state = static_cast<DeviceState>(row[first + 7].as<int>());
  device.idevid_cert_der = ReadBytes(row[first + 8]);
  device.model = row[first + 9].as<std::string>();
  device.mac_addr = row[first + 10].as<std::string>();
  device.ek_public_key_der = ReadBytes(row[first + 11]);
  device.labels = ParseLabels(row[first + 12].as<std::string>());
  device.version = row[first + 13].as<int64_t>();
  device.group_id = row[first + 14].as<std::string>();
  device.details = ParseDetails(row[first + 15].as<std::string>());
  device.deleted_at = ReadOptionalMicros(row[first + 16]);
  device.created_at = ReadOptionalMicros(row[first + 17]);
  device.updated_at = ReadOptionalMicros(row[first + 18]);
  return device;
}

IssuedVoucher ReadVoucher(const pqxx::row& row, int first) {
  IssuedVoucher voucher;
  voucher.bucket = row[first].as<int16_t>();
  voucher.device_id = ReadBytes(row[first + 1]);
  voucher.request_digest = ReadBytes(row[first + 2]);
  voucher.generation = row[first + 3].as<int32_t>();
  voucher.voucher_id = ReadBytes(row[first + 4]);
  voucher.audit_event_id = ReadBytes(row[first + 5]);
  voucher.tenant_id = row[first + 6].as<std::string>();
  voucher.format = static_cast<masa::v1::Format>(row[first + 7].as<int>());
  voucher.voucher = ReadBytes(row[first + 8]);
  voucher.assertion =
      static_cast<masa::v1::Assertion>(row[first + 9].as<int>());
  if (!row[first + 10].is_null()) {
    voucher.nonce = row[first + 10].as<std::string>();
  }
  voucher.created_on = ReadMicros(row[first + 11]);
  if (!row[first + 12].is_null()) {
    voucher.expires_on = ReadMicros(row[first + 12]);
  }
  voucher.domain_id = ReadBytes(row[first + 13]);
  voucher.pinned_spki_sha256 = ReadBytes(row[first + 14]);
  voucher.issuer_spki_sha256 = ReadBytes(row[first + 15]);
  voucher.signing_key = row[first + 16].as<std::string>();
  voucher.actor = row[first + 17].as<std::string>();
  voucher.request_id = row[first + 18].as<std::string>();
  voucher.prior_digest = ReadBytes(row[first + 19]);
  return voucher;
}

void InsertEvents(pqxx::transaction_base& transaction,
                  absl::Span<const AuditEvent> events) {
  if (events.empty()) {
    return;
  }
  const EventRows rows = RowsOf(events);
  const ChangeColumns& c = rows.changes;
  Execute(transaction, kInsertChanges, c.ids.Finish(), c.tenants.Finish(),
          c.times.Finish(), c.actors.Finish(), c.requests.Finish(),
          c.salts.Finish());
  Insert(transaction, rows.events);
  InsertOutbox(transaction, rows.outbox);
}

void InsertNamelessEvents(pqxx::transaction_base& transaction,
                          absl::Span<const AuditEvent> events) {
  const EventRows rows = NamelessRowsOf(events);
  Insert(transaction, rows.events);
  InsertOutbox(transaction, rows.outbox);
}

std::string EncodeLabels(const std::map<std::string, std::string>& labels) {
  if (labels.empty()) {
    return "{}";  // most devices
  }
  google::protobuf::Struct fields;
  for (const auto& [name, value] : labels) {
    (*fields.mutable_fields())[name].set_string_value(value);
  }
  std::string json;
  // Cannot fail: labels were checked to be UTF-8.
  (void)google::protobuf::util::MessageToJsonString(fields, &json);
  return json;
}

std::map<std::string, std::string> ParseLabels(const std::string& json) {
  google::protobuf::Struct fields;
  std::map<std::string, std::string> labels;
  if (json == "{}") {
    return labels;  // most devices; JSON's parser is dear on the hot path
  }
  if (google::protobuf::util::JsonStringToMessage(json, &fields).ok()) {
    for (const auto& [name, value] : fields.fields()) {
      labels[name] = value.string_value();
    }
  }
  return labels;
}

}  // namespace masa::storage
