#include "storage/postgres/rows.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <tuple>

#include "absl/strings/escaping.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "storage/log_event.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/device_details.h"
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

// Who, when and on what request, within a tenant.
using ChangeKey = std::tuple<std::string, absl::Time, std::string, std::string>;

ChangeKey KeyOf(const AuditEvent& event) {
  return {event.tenant_id, event.at, event.actor, event.request_id};
}

struct NamedChange {
  std::string change_id;  // that of its first event
  Who who;
};
using Changes = std::map<ChangeKey, NamedChange>;

Changes ChangesOf(absl::Span<const AuditEvent> events) {
  Changes changes;
  for (const AuditEvent& event : events) {
    NamedChange& change = changes[KeyOf(event)];
    if (change.change_id.empty()) {
      change = {event.event_id, {event.actor, event.request_id, NewSalt()}};
    }
  }
  return changes;
}

void InsertChanges(pqxx::transaction_base& transaction,
                   const Changes& changes) {
  BytesArray ids, salts;
  TextArray tenants, actors, requests;
  TimeArray times;
  for (const auto& [key, change] : changes) {
    ids.Add(change.change_id);
    salts.Add(change.who.salt);
    tenants.Add(std::get<0>(key));
    times.Add(std::get<1>(key));
    actors.Add(std::get<2>(key));
    requests.Add(std::get<3>(key));
  }
  Execute(transaction, kInsertChanges, ids.Finish(), tenants.Finish(),
          times.Finish(), actors.Finish(), requests.Finish(), salts.Finish());
}

void InsertEvents(pqxx::transaction_base& transaction,
                  absl::Span<const AuditEvent> events, const Changes& changes) {
  SmallintArray buckets;
  BytesArray ids, devices, change_ids, salts, who_hashes;
  TextArray tenants, kinds, payloads;
  TimeArray times;
  std::vector<LogEvent> logged;
  for (const AuditEvent& event : events) {
    buckets.Add(event.bucket);
    ids.Add(event.event_id);
    event.device_id.empty() ? devices.AddNull() : devices.Add(event.device_id);
    tenants.Add(event.tenant_id);
    kinds.Add(event.kind);
    times.Add(event.at);
    payloads.Add(event.payload);
    const auto change = changes.find(KeyOf(event));
    const bool is_named = change != changes.end();
    is_named ? change_ids.Add(change->second.change_id) : change_ids.AddNull();
    logged.push_back(LogEventOf(event, is_named ? change->second.who : Who()));
    salts.Add(logged.back().salt);
    who_hashes.Add(logged.back().who_hash);
  }
  Execute(transaction, kInsertEvents, buckets.Finish(), ids.Finish(),
          devices.Finish(), tenants.Finish(), kinds.Finish(), times.Finish(),
          payloads.Finish(), change_ids.Finish(), salts.Finish(),
          who_hashes.Finish());
  InsertOutbox(transaction, logged);
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
  const Changes changes = ChangesOf(events);
  InsertChanges(transaction, changes);
  InsertEvents(transaction, events, changes);
}

void InsertNamelessEvents(pqxx::transaction_base& transaction,
                          absl::Span<const AuditEvent> events) {
  InsertEvents(transaction, events, {});
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
