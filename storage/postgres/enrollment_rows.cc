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

// Whoever writes a device or a certificate holds the subject's row in
// device_serials (LockAndRead), and it stays: one that is new says that there
// is nothing of the subject, and holds it against others. What is there already
// is passed over and counted, not refused: an error would name it in the
// server's log (SE-11).
//
// The statement itself runs first, and with it what it reads; then what else
// stands behind WITH, the last of it first: so others wait for the feed's lane
// as shortly as they can. Were the order another, two batches might end each
// other's wait, and one would run again.
constexpr Statement kWrite = {
    "write_strangers",
    "WITH added AS (INSERT INTO device_serials (bucket, tenant_id, "
    "serial_number) SELECT unnest($2::smallint[]), $1::text, "
    "unnest($3::text[]) ON CONFLICT (bucket, tenant_id, serial_number) "
    "DO NOTHING RETURNING 1), "
    "strangers AS MATERIALIZED (SELECT WHERE (SELECT count(*) FROM added) = "
    "cardinality($2::smallint[]) AND NOT EXISTS (SELECT FROM "
    "unnest($4::text[]) AS q(id) WHERE NOT EXISTS (SELECT FROM products p "
    "WHERE p.tenant_id = $1::text AND p.product_id = q.id))), "
    "enrolled AS MATERIALIZED (SELECT unnest($5::smallint[]) AS bucket, "
    "unnest($6::bytea[]) AS certificate_serial, unnest($7::text[]) AS subject, "
    "unnest($8::bytea[]) AS device_id, unnest($9::text[]) AS profile, "
    "unnest($10::text[]) AS signing_key, unnest($11::bytea[]) AS ca_key_id, "
    "unnest($12::bytea[]) AS der, unnest($13::bytea[]) AS request_digest, "
    "unnest($14::timestamptz[]) AS at, unnest($15::timestamptz[]) AS "
    "not_after, unnest($16::text[]) AS requester, "
    "unnest($17::timestamptz[]) AS renew_at, unnest($18::bytea[]) AS "
    "cert_id_der, unnest($19::bytea[]) AS response_der, "
    "unnest($20::timestamptz[]) AS next_update, unnest($21::text[]) AS "
    "product_id, unnest($22::bytea[]) AS event_id, unnest($23::text[]) AS "
    "payload, unnest($24::bytea[]) AS change_id, unnest($25::bytea[]) AS "
    "salt, unnest($26::bytea[]) AS who_hash FROM strangers), "
    "head AS (INSERT INTO ownership_feed_heads AS h (bucket, tenant_id, "
    "position) SELECT unnest($36::smallint[]), $1::text, 1 FROM strangers "
    "ON CONFLICT (bucket, tenant_id) DO UPDATE SET position = h.position + 1 "
    "RETURNING h.position), "
    "fed AS (INSERT INTO ownership_feed (bucket, tenant_id, position, at, "
    "changes) SELECT unnest($36::smallint[]), $1::text, "
    "(SELECT position FROM head), unnest($37::timestamptz[]), "
    "unnest($38::bytea[]) FROM strangers), "
    "told AS (INSERT INTO audit_outbox (bucket, outbox_id, tenant_id, "
    "event_ids, commitments) SELECT unnest($32::smallint[]), "
    "unnest($33::bytea[]), $1::text, unnest($34::bytea[]), "
    "unnest($35::bytea[]) FROM strangers), "
    "caused AS (INSERT INTO changes (change_id, tenant_id, at, actor, "
    "request_id, who_salt) SELECT unnest($27::bytea[]), $1::text, "
    "unnest($28::timestamptz[]), unnest($29::text[]), unnest($30::text[]), "
    "unnest($31::bytea[]) FROM strangers), "
    "happened AS (INSERT INTO audit_events (bucket, event_id, device_id, "
    "tenant_id, kind, at, payload, change_id, salt, who_hash) "
    "SELECT bucket, event_id, nullif(device_id, ''), $1::text, $39::text, at, "
    "payload, change_id, salt, who_hash FROM enrolled), "
    "stated AS (INSERT INTO signed_statuses (bucket, certificate_serial, "
    "renew_at, cert_id_der, response_der, next_update) "
    "SELECT bucket, certificate_serial, renew_at, cert_id_der, response_der, "
    "next_update FROM enrolled), "
    "made AS (INSERT INTO devices (bucket, device_id, tenant_id, "
    "serial_number, idevid_issuer, product_id, organization_id, state, "
    "idevid_cert_der, model, mac_addr, ek_public_key_der, labels, version, "
    "group_id, created_at, updated_at) SELECT bucket, device_id, $1::text, "
    "subject, ca_key_id, product_id, '', $40::smallint, der, '', '', '', '{}', "
    "1, '', at, at FROM enrolled WHERE device_id <> '') "
    "INSERT INTO issued_certificates (bucket, certificate_serial, "
    "tenant_id, subject, device_id, profile, signing_key, ca_key_id, "
    "certificate_der, request_digest, issued_at, not_after, requester, "
    "revocation_reason) SELECT bucket, certificate_serial, $1::text, subject, "
    "device_id, profile, signing_key, ca_key_id, der, request_digest, at, "
    "not_after, requester, 0 FROM enrolled"};

using Certificates = std::vector<const IssuedCertificate*>;

// In the order in which every batch locks them.
struct SubjectColumns {
  explicit SubjectColumns(const Certificates& certificates) {
    std::set<std::tuple<int16_t, std::string>> subjects;
    for (const IssuedCertificate* one : certificates) {
      subjects.emplace(one->bucket, one->subject);
    }
    for (const auto& [bucket, subject] : subjects) {
      buckets.Add(bucket);
      names.Add(subject);
    }
  }

  SmallintArray buckets;
  TextArray names;
};

// Each product once, and that of each certificate's device.
struct ProductColumns {
  ProductColumns(const Certificates& certificates,
                 const std::vector<Device>& devices) {
    std::set<std::string> names;
    auto device = devices.begin();
    for (const IssuedCertificate* one : certificates) {
      const bool is_of_device = !one->device_id.empty();
      of_each.Add(is_of_device ? device->product_id : std::string());
      if (is_of_device && names.insert(device->product_id).second) {
        once.Add(device->product_id);
      }
      device += is_of_device ? 1 : 0;
    }
  }

  TextArray once, of_each;
};

}  // namespace

bool IsOfStrangersAlone(const EnrollmentPlan& plan) {
  const Certificates certificates = WrittenBy(plan);
  auto device = plan.devices.begin();
  for (const IssuedCertificate* one : certificates) {
    if (one->device_id.empty()) {
      continue;
    }
    if (device == plan.devices.end() || device->version != 1 ||
        device->device_id != one->device_id) {
      return false;
    }
    ++device;
  }
  return device == plan.devices.end() &&
         plan.events.size() == certificates.size() && plan.used.empty();
}

bool WriteStrangers(pqxx::transaction_base& transaction,
                    const std::string& tenant_id, const EnrollmentPlan& plan) {
  const Certificates certificates = WrittenBy(plan);
  const SubjectColumns n(certificates);
  const ProductColumns p(certificates, plan.devices);
  const CertificateColumns c(certificates);
  const StatusColumns o(plan.statuses);
  const EventRows rows = RowsOf(plan.events);
  const EventColumns& e = rows.events;
  const ChangeColumns& h = rows.changes;
  const OutboxArrays& l = rows.outbox;
  const FeedColumns f =
      FeedColumnsOf({}, plan.devices, certificates.front()->issued_at);
  const pqxx::result written = Execute(
      transaction, kWrite, tenant_id, n.buckets.Finish(), n.names.Finish(),
      p.once.Finish(), c.buckets.Finish(), c.serials.Finish(),
      c.subjects.Finish(), c.devices.Finish(), c.profiles.Finish(),
      c.keys.Finish(), c.cas.Finish(), c.ders.Finish(), c.digests.Finish(),
      c.issued.Finish(), c.ends.Finish(), c.requesters.Finish(),
      o.turns.Finish(), o.questions.Finish(), o.responses.Finish(),
      o.ends.Finish(), p.of_each.Finish(), e.ids.Finish(), e.payloads.Finish(),
      e.changes.Finish(), e.salts.Finish(), e.who_hashes.Finish(),
      h.ids.Finish(), h.times.Finish(), h.actors.Finish(), h.requests.Finish(),
      h.salts.Finish(), l.buckets.Finish(), l.ids.Finish(),
      l.event_ids.Finish(), l.commitments.Finish(), f.buckets.Finish(),
      f.times.Finish(), f.changes.Finish(), kCertificateIssued,
      static_cast<int16_t>(DeviceState::kManufactured));
  return written.affected_rows() == certificates.size();
}

}  // namespace masa::storage
