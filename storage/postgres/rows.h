// Records as rows: the columns that a statement must select, and how to read
// them. Functions that take a pqxx type throw as libpqxx does, so they are
// called within a transaction's body only.
#ifndef STORAGE_POSTGRES_ROWS_H_
#define STORAGE_POSTGRES_ROWS_H_

#include <map>
#include <optional>
#include <pqxx/result>
#include <pqxx/row>
#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "storage/audit_event.h"
#include "storage/device.h"
#include "storage/issuance_log.h"

namespace masa::storage {

// Select lists; `t` is the alias of the table.
#define MASA_DEVICE_COLUMNS(t)                                                 \
  t ".bucket, " t ".device_id, " t ".tenant_id, " t ".serial_number, " t       \
    ".idevid_issuer, " t ".product_id, " t ".organization_id, " t ".state, " t \
    ".idevid_cert_der, " t ".model, " t ".mac_addr, " t                        \
    ".ek_public_key_der, " t ".labels, " t ".version, " t ".group_id, " t      \
    ".details, (extract(epoch FROM " t                                         \
    ".deleted_at) * 1000000)::bigint, "                                        \
    "(extract(epoch FROM " t                                                   \
    ".created_at) * 1000000)::bigint, "                                        \
    "(extract(epoch FROM " t ".updated_at) * 1000000)::bigint"
inline constexpr int kDeviceColumns = 19;

#define MASA_VOUCHER_COLUMNS(t)                                            \
  t ".bucket, " t ".device_id, " t ".request_digest, " t ".generation, " t \
    ".voucher_id, " t ".audit_event_id, " t ".tenant_id, " t ".format, " t \
    ".voucher, " t ".assertion, " t                                        \
    ".nonce, "                                                             \
    "(extract(epoch FROM " t                                               \
    ".created_on) * 1000000)::bigint, "                                    \
    "(extract(epoch FROM " t ".expires_on) * 1000000)::bigint, " t         \
    ".domain_id, " t ".pinned_spki_sha256, " t ".issuer_spki_sha256, " t   \
    ".signing_key, " t ".actor, " t ".request_id, " t ".prior_digest"
inline constexpr int kVoucherColumns = 20;

// The octets of a bytea field; empty when it is null.
std::string ReadBytes(const pqxx::field& field);

// The device whose columns start at `first`.
Device ReadDevice(const pqxx::row& row, int first);

// The voucher whose columns start at `first`.
IssuedVoucher ReadVoucher(const pqxx::row& row, int first);

// Adds the events; none may exist yet. Who caused them goes into a row beside
// them, which can be forgotten (SE-08).
void InsertEvents(pqxx::transaction_base& transaction,
                  absl::Span<const AuditEvent> events);
// The same for events that nobody caused.
void InsertNamelessEvents(pqxx::transaction_base& transaction,
                          absl::Span<const AuditEvent> events);

// Labels as the text column holds them, a JSON object of strings.
std::string EncodeLabels(const std::map<std::string, std::string>& labels);
std::map<std::string, std::string> ParseLabels(const std::string& json);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_ROWS_H_
