#include "storage/postgres/enrollment_rows.h"

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "storage/postgres/array_parameter.h"
#include "storage/postgres/certificate_rows.h"
#include "storage/postgres/event_columns.h"
#include "storage/postgres/feed_rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

// Whoever writes a device or a certificate holds the subject's row here
// (LockAndRead), and it stays: one that is new says that there is nothing of
// the subject, and holds it against others. What is there already is passed
// over and counted, not refused: an error would name it in the server's log
// (SE-11).
constexpr Statement kAdd = {
    "add_strangers",
    "WITH added AS (INSERT INTO device_serials (bucket, tenant_id, "
    "serial_number) SELECT unnest($2::smallint[]), $1::text, "
    "unnest($3::text[]) ON CONFLICT (bucket, tenant_id, serial_number) "
    "DO NOTHING RETURNING 1) SELECT (SELECT count(*) FROM added) = "
    "cardinality($2::smallint[]) AND NOT EXISTS (SELECT FROM "
    "unnest($4::text[]) AS q(id) WHERE NOT EXISTS (SELECT FROM products p "
    "WHERE p.tenant_id = $1::text AND p.product_id = q.id))"};

// The statement itself runs first, and what stands behind WITH afterwards, the
// last of it first: so others wait for the feed's lane as shortly as they can.
// Were the order another, two batches might end each other's wait, and one
// would run again.
constexpr Statement kInsert = {
    "insert_strangers",
    "WITH head AS (INSERT INTO ownership_feed_heads AS h (bucket, tenant_id, "
    "position) SELECT unnest($36::smallint[]), $1::text, 1 "
    "ON CONFLICT (bucket, tenant_id) DO UPDATE SET position = h.position + 1 "
    "RETURNING h.position), "
    "fed AS (INSERT INTO ownership_feed (bucket, tenant_id, position, at, "
    "changes) SELECT unnest($36::smallint[]), $1::text, "
    "(SELECT position FROM head), unnest($37::timestamptz[]), "
    "unnest($38::bytea[])), "
    "told AS (INSERT INTO audit_outbox (bucket, outbox_id, tenant_id, "
    "event_ids, commitments) SELECT unnest($31::smallint[]), "
    "unnest($32::bytea[]), $1::text, unnest($33::bytea[]), "
    "unnest($34::bytea[])), "
    "caused AS (INSERT INTO changes (change_id, tenant_id, at, actor, "
    "request_id, who_salt) SELECT unnest($26::bytea[]), $1::text, "
    "unnest($27::timestamptz[]), unnest($28::text[]), unnest($29::text[]), "
    "unnest($30::bytea[])), "
    "happened AS (INSERT INTO audit_events (bucket, event_id, device_id, "
    "tenant_id, kind, at, payload, change_id, salt, who_hash) "
    "SELECT unnest($17::smallint[]), unnest($18::bytea[]), "
    "unnest($19::bytea[]), $1::text, unnest($20::text[]), "
    "unnest($21::timestamptz[]), unnest($22::text[]), unnest($23::bytea[]), "
    "unnest($24::bytea[]), unnest($25::bytea[])), "
    "stated AS (INSERT INTO signed_statuses (bucket, certificate_serial, "
    "renew_at, cert_id_der, response_der, next_update) "
    "SELECT unnest($2::smallint[]), unnest($3::bytea[]), "
    "unnest($13::timestamptz[]), unnest($14::bytea[]), unnest($15::bytea[]), "
    "unnest($16::timestamptz[])), "
    "made AS (INSERT INTO devices (bucket, device_id, tenant_id, "
    "serial_number, idevid_issuer, product_id, organization_id, state, "
    "idevid_cert_der, model, mac_addr, ek_public_key_der, labels, version, "
    "group_id, created_at, updated_at) SELECT unnest($39::smallint[]), "
    "unnest($40::bytea[]), $1::text, unnest($41::text[]), "
    "unnest($42::bytea[]), unnest($43::text[]), '', "
    "unnest($44::smallint[]), unnest($45::bytea[]), '', '', '', '{}', "
    "unnest($47::bigint[]), '', "
    "unnest($46::timestamptz[]), unnest($46::timestamptz[])) "
    "INSERT INTO issued_certificates (bucket, certificate_serial, "
    "tenant_id, subject, device_id, profile, signing_key, ca_key_id, "
    "certificate_der, request_digest, issued_at, not_after, requester, "
    "revocation_reason) SELECT unnest($2::smallint[]), unnest($3::bytea[]), "
    "$1::text, unnest($4::text[]), unnest($5::bytea[]), unnest($6::text[]), "
    "unnest($7::text[]), unnest($8::bytea[]), unnest($9::bytea[]), "
    "unnest($10::bytea[]), unnest($11::timestamptz[]), "
    "unnest($12::timestamptz[]), unnest($35::text[]), 0"};

// In the order in which every batch locks them, and each product once.
struct NameColumns {
  explicit NameColumns(absl::Span<const Enrollment* const> items) {
    std::set<std::tuple<int16_t, std::string>> subjects;
    std::set<std::string> products_of;
    for (const Enrollment* item : items) {
      subjects.emplace(item->certificate.bucket, item->certificate.subject);
      if (item->device) {
        products_of.insert(item->device->product_id);
      }
    }
    for (const auto& [bucket, subject] : subjects) {
      buckets.Add(bucket);
      names.Add(subject);
    }
    for (const std::string& product : products_of) {
      products.Add(product);
    }
  }

  SmallintArray buckets;
  TextArray names, products;
};

struct DeviceColumns {
  explicit DeviceColumns(const std::vector<Device>& devices) {
    for (const Device& device : devices) {
      buckets.Add(device.bucket);
      ids.Add(device.device_id);
      serials.Add(device.serial_number);
      issuers.Add(device.idevid_issuer);
      products.Add(device.product_id);
      states.Add(static_cast<int16_t>(device.state));
      certs.Add(device.idevid_cert_der);
      versions.Add(device.version);
      times.Add(device.updated_at);
    }
  }

  SmallintArray buckets, states;
  BytesArray ids, issuers, certs;
  TextArray serials, products;
  BigintArray versions;
  TimeArray times;
};

}  // namespace

bool AddStrangers(pqxx::transaction_base& transaction,
                  absl::Span<const Enrollment* const> items) {
  const NameColumns n(items);
  const pqxx::result added =
      Execute(transaction, kAdd, items.front()->certificate.tenant_id,
              n.buckets.Finish(), n.names.Finish(), n.products.Finish());
  return added[0][0].as<bool>();
}

void InsertStrangers(pqxx::transaction_base& transaction,
                     const std::string& tenant_id, const EnrollmentPlan& plan) {
  const std::vector<const IssuedCertificate*> certificates = WrittenBy(plan);
  if (certificates.empty()) {
    return;
  }
  const CertificateColumns c(certificates);
  const StatusColumns o(plan.statuses);
  const EventRows rows = RowsOf(plan.events);
  const EventColumns& e = rows.events;
  const ChangeColumns& h = rows.changes;
  const OutboxArrays& l = rows.outbox;
  const DeviceColumns d(plan.devices);
  const FeedColumns f =
      FeedColumnsOf({}, plan.devices, certificates.front()->issued_at);
  Execute(transaction, kInsert, tenant_id, c.buckets.Finish(),
          c.serials.Finish(), c.subjects.Finish(), c.devices.Finish(),
          c.profiles.Finish(), c.keys.Finish(), c.cas.Finish(), c.ders.Finish(),
          c.digests.Finish(), c.issued.Finish(), c.ends.Finish(),
          o.turns.Finish(), o.questions.Finish(), o.responses.Finish(),
          o.ends.Finish(), e.buckets.Finish(), e.ids.Finish(),
          e.devices.Finish(), e.kinds.Finish(), e.times.Finish(),
          e.payloads.Finish(), e.changes.Finish(), e.salts.Finish(),
          e.who_hashes.Finish(), h.ids.Finish(), h.times.Finish(),
          h.actors.Finish(), h.requests.Finish(), h.salts.Finish(),
          l.buckets.Finish(), l.ids.Finish(), l.event_ids.Finish(),
          l.commitments.Finish(), c.requesters.Finish(), f.buckets.Finish(),
          f.times.Finish(), f.changes.Finish(), d.buckets.Finish(),
          d.ids.Finish(), d.serials.Finish(), d.issuers.Finish(),
          d.products.Finish(), d.states.Finish(), d.certs.Finish(),
          d.times.Finish(), d.versions.Finish());
}

}  // namespace masa::storage
