#include "storage/postgres/postgres_catalog_store.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/audit_event.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr Statement kWriteTenants = {
    "write_tenants",
    "INSERT INTO tenants (tenant_id, definition) "
    "SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (tenant_id) "
    "DO UPDATE SET definition = excluded.definition"};

constexpr Statement kWriteProducts = {
    "write_products",
    "INSERT INTO products (tenant_id, product_id, definition) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) "
    "ON CONFLICT (tenant_id, product_id) "
    "DO UPDATE SET definition = excluded.definition"};

constexpr Statement kWriteOrganizations = {
    "write_organizations",
    "INSERT INTO organizations (tenant_id, organization_id, display_name, "
    "definition) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) "
    "ON CONFLICT (tenant_id, organization_id) "
    "DO UPDATE SET display_name = excluded.display_name, "
    "definition = excluded.definition"};

constexpr Statement kWriteCerts = {
    "write_domain_certs",
    "INSERT INTO domain_certs (tenant_id, organization_id, cert_id, "
    "spki_sha256, certificate_der, revocation_checks) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], "
    "$5::bytea[], $6::boolean[]) "
    "ON CONFLICT (tenant_id, organization_id, cert_id) DO UPDATE SET "
    "spki_sha256 = excluded.spki_sha256, "
    "certificate_der = excluded.certificate_der, "
    "revocation_checks = excluded.revocation_checks"};

constexpr Statement kReadTenants = {
    "read_tenants", "SELECT definition FROM tenants ORDER BY tenant_id"};

constexpr Statement kReadProducts = {
    "read_products",
    "SELECT definition FROM products ORDER BY tenant_id, product_id"};

constexpr Statement kWriteBlocks = {
    "write_blocked_domains",
    "INSERT INTO blocked_domains (tenant_id, spki_sha256, note, lifted) "
    "SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::boolean[]) "
    "ON CONFLICT (tenant_id, spki_sha256) DO UPDATE SET "
    "note = excluded.note, lifted = excluded.lifted"};

constexpr Statement kReadOrganization = {
    "read_organization",
    "SELECT definition FROM organizations WHERE tenant_id = $1 "
    "AND organization_id = $2"};

// A question's hashes come as one string, 32 octets each.
constexpr Statement kReadDomains = {
    "read_domains",
    "SELECT (SELECT o.definition FROM domain_certs c JOIN organizations o "
    "USING (tenant_id, organization_id) WHERE c.tenant_id = q.tenant_id "
    "AND c.spki_sha256 = ANY(h.hashes) ORDER BY organization_id LIMIT 1), "
    "EXISTS (SELECT 1 FROM blocked_domains b WHERE b.tenant_id = q.tenant_id "
    "AND b.spki_sha256 = ANY(h.hashes) AND NOT b.lifted), "
    "(SELECT coalesce(sum(r.claims), 0)::bigint FROM registrar_claims r "
    "WHERE r.tenant_id = q.tenant_id "
    "AND r.registrar_spki_sha256 = q.registrar AND r.window_start = q.since) "
    "FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::timestamptz[]) "
    "WITH ORDINALITY AS q(tenant_id, hashes, registrar, since, i) "
    "CROSS JOIN LATERAL (SELECT ARRAY(SELECT substring(q.hashes FROM at FOR "
    "32) FROM generate_series(1, octet_length(q.hashes), 32) AS at) AS hashes) "
    "AS h ORDER BY q.i"};

// The last record of a key wins, and the order is the same in every process.
template <typename Record, typename KeyOf>
auto Distinct(const google::protobuf::RepeatedPtrField<Record>& records,
              const KeyOf& key_of) {
  std::map<decltype(key_of(records[0])), const Record*> distinct;
  for (const Record& record : records) {
    distinct[key_of(record)] = &record;
  }
  return distinct;
}

std::string Definition(const google::protobuf::Message& record) {
  std::string json;
  // Cannot fail: its texts were parsed as UTF-8 and it has no Any.
  (void)google::protobuf::util::MessageToJsonString(record, &json);
  return json;
}

void WriteTenants(pqxx::transaction_base& transaction,
                  const masa::v1::Catalog& catalog) {
  TextArray ids, definitions;
  for (const auto& [id, tenant] :
       Distinct(catalog.tenants(),
                [](const auto& record) { return record.tenant_id(); })) {
    ids.Add(id);
    definitions.Add(Definition(*tenant));
  }
  Execute(transaction, kWriteTenants, ids.Finish(), definitions.Finish());
}

void WriteProducts(pqxx::transaction_base& transaction,
                   const masa::v1::Catalog& catalog) {
  TextArray tenants, ids, definitions;
  for (const auto& [key, product] :
       Distinct(catalog.products(), [](const auto& record) {
         return std::pair(record.tenant_id(), record.product_id());
       })) {
    tenants.Add(key.first);
    ids.Add(key.second);
    definitions.Add(Definition(*product));
  }
  Execute(transaction, kWriteProducts, tenants.Finish(), ids.Finish(),
          definitions.Finish());
}

void WriteOrganizations(pqxx::transaction_base& transaction,
                        const masa::v1::Catalog& catalog) {
  TextArray tenants, ids, names, definitions;
  for (const auto& [key, organization] :
       Distinct(catalog.organizations(), [](const auto& record) {
         return std::pair(record.tenant_id(), record.organization_id());
       })) {
    tenants.Add(key.first);
    ids.Add(key.second);
    names.Add(organization->display_name());
    definitions.Add(Definition(*organization));
  }
  Execute(transaction, kWriteOrganizations, tenants.Finish(), ids.Finish(),
          names.Finish(), definitions.Finish());
}

void WriteBlocks(pqxx::transaction_base& transaction,
                 const masa::v1::Catalog& catalog) {
  TextArray tenants, notes;
  BytesArray hashes;
  BooleanArray lifted;
  for (const auto& [key, domain] :
       Distinct(catalog.blocked_domains(), [](const auto& record) {
         return std::pair(record.tenant_id(), record.spki_sha256());
       })) {
    tenants.Add(key.first);
    hashes.Add(key.second);
    notes.Add(domain->note());
    lifted.Add(domain->lifted());
  }
  Execute(transaction, kWriteBlocks, tenants.Finish(), hashes.Finish(),
          notes.Finish(), lifted.Finish());
}

absl::Status WriteCerts(pqxx::transaction_base& transaction,
                        const masa::v1::Catalog& catalog) {
  TextArray tenants, organizations, ids;
  BytesArray hashes, certificates;
  BooleanArray checks;
  for (const auto& [key, cert] :
       Distinct(catalog.domain_certs(), [](const auto& record) {
         return std::tuple(record.tenant_id(), record.organization_id(),
                           record.cert_id());
       })) {
    MASA_ASSIGN_OR_RETURN(const std::string hash,
                          SpkiSha256Of(cert->certificate_der()));
    tenants.Add(cert->tenant_id());
    organizations.Add(cert->organization_id());
    ids.Add(cert->cert_id());
    hashes.Add(hash);
    certificates.Add(cert->certificate_der());
    checks.Add(cert->revocation_checks());
  }
  Execute(transaction, kWriteCerts, tenants.Finish(), organizations.Finish(),
          ids.Finish(), hashes.Finish(), certificates.Finish(),
          checks.Finish());
  return absl::OkStatus();
}

// A field of a newer program is skipped: two versions run side by side while
// a deployment rolls.
absl::Status ParseDefinition(const pqxx::field& field,
                             google::protobuf::Message* record) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const std::string json = field.as<std::string>();
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(json, record, options);
  if (!parsed.ok()) {
    return absl::DataLossError(
        absl::StrCat("a stored definition does not parse: ", json));
  }
  return absl::OkStatus();
}

absl::StatusOr<DomainFacts> ReadFacts(const pqxx::row& row) {
  DomainFacts facts;
  if (!row[0].is_null()) {
    MASA_RETURN_IF_ERROR(ParseDefinition(row[0], &facts.customer.emplace()));
  }
  facts.blocked = row[1].as<bool>();
  facts.claims = row[2].as<int64_t>();
  return facts;
}

}  // namespace

std::unique_ptr<PostgresCatalogStore> PostgresCatalogStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresCatalogStore>(new PostgresCatalogStore(pool));
}

absl::Status PostgresCatalogStore::Apply(const RequestContext& context,
                                         const std::string& actor,
                                         absl::Time at,
                                         const masa::v1::Catalog& catalog) {
  MASA_RETURN_IF_ERROR(CheckCatalog(catalog));
  const AuditEvent event = CatalogEvent(catalog, actor, at, context.request_id);
  return RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        WriteTenants(transaction, catalog);
        WriteProducts(transaction, catalog);
        WriteOrganizations(transaction, catalog);
        WriteBlocks(transaction, catalog);
        MASA_RETURN_IF_ERROR(WriteCerts(transaction, catalog));
        InsertEvents(transaction, {event});
        return absl::OkStatus();
      });
}

absl::StatusOr<masa::v1::Catalog> PostgresCatalogStore::ReadPolicies(
    const RequestContext& context) {
  masa::v1::Catalog catalog;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&catalog](pqxx::transaction_base& transaction) {
        catalog.Clear();
        for (const pqxx::row& row : Execute(transaction, kReadTenants)) {
          MASA_RETURN_IF_ERROR(ParseDefinition(row[0], catalog.add_tenants()));
        }
        for (const pqxx::row& row : Execute(transaction, kReadProducts)) {
          MASA_RETURN_IF_ERROR(ParseDefinition(row[0], catalog.add_products()));
        }
        return absl::OkStatus();
      }));
  return catalog;
}

absl::StatusOr<masa::v1::Organization> PostgresCatalogStore::GetOrganization(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& organization_id) {
  masa::v1::Organization customer;
  const absl::Status unknown =
      Refuse(Reason::kOrganizationUnknown, "there is no such customer");
  if (!IsStorableText(tenant_id) || !IsStorableText(organization_id)) {
    return unknown;
  }
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        customer.Clear();
        const pqxx::result rows =
            Execute(transaction, kReadOrganization, tenant_id, organization_id);
        return rows.empty() ? unknown : ParseDefinition(rows[0][0], &customer);
      }));
  return customer;
}

std::vector<absl::StatusOr<DomainFacts>> PostgresCatalogStore::DomainsOf(
    const RequestContext& context, absl::Span<const DomainQuestion> questions) {
  TextArray tenants;
  BytesArray hashes, registrars;
  TimeArray windows;
  for (const DomainQuestion& question : questions) {
    // A name that no record can have meets none.
    tenants.Add(IsStorableText(question.tenant_id) ? question.tenant_id : "");
    hashes.Add(absl::StrJoin(question.spki_sha256, ""));
    registrars.Add(question.registrar_spki_sha256);
    windows.Add(question.window);
  }
  std::vector<absl::StatusOr<DomainFacts>> answers(questions.size());
  const absl::Status status = RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        const pqxx::result rows =
            Execute(transaction, kReadDomains, tenants.Finish(),
                    hashes.Finish(), registrars.Finish(), windows.Finish());
        std::transform(rows.begin(), rows.end(), answers.begin(), ReadFacts);
        return absl::OkStatus();
      });
  if (!status.ok()) {
    std::fill(answers.begin(), answers.end(), status);
  }
  return answers;
}

}  // namespace masa::storage
