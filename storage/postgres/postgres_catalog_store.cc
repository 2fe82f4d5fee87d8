#include "storage/postgres/postgres_catalog_store.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
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

// A domain's keys, flat: `ord` is of the question that each belongs to.
#define MASA_QUESTION_KEYS                                       \
  "(SELECT unnest($1::integer[]) AS ord, unnest($2::text[]) AS " \
  "tenant_id, unnest($3::bytea[]) AS spki_sha256) AS q "

// What is on record, in any order. A key of which there is nothing, as of most,
// gives no row.
constexpr Statement kReadDomains = {
    "read_domains",
    "SELECT q.ord, o.organization_id, o.definition, false, 0::bigint "
    "FROM " MASA_QUESTION_KEYS
    "JOIN domain_certs c USING (tenant_id, spki_sha256) "
    "JOIN organizations o USING (tenant_id, organization_id) "
    "UNION ALL SELECT q.ord, NULL, NULL, true, 0 FROM " MASA_QUESTION_KEYS
    "JOIN blocked_domains b USING (tenant_id, spki_sha256) "
    "WHERE NOT b.lifted "
    "UNION ALL SELECT q.ord, NULL, NULL, false, r.claims FROM "
    "(SELECT unnest($4::integer[]) AS ord, unnest($5::text[]) AS tenant_id, "
    "unnest($6::bytea[]) AS registrar_spki_sha256, "
    "unnest($7::timestamptz[]) AS window_start) AS q "
    "JOIN registrar_claims r USING (tenant_id, registrar_spki_sha256, "
    "window_start)"};

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
absl::Status ParseDefinition(const std::string& json,
                             google::protobuf::Message* record) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(json, record, options);
  if (!parsed.ok()) {
    return absl::DataLossError(
        absl::StrCat("a stored definition does not parse: ", json));
  }
  return absl::OkStatus();
}

// The arrays of kReadDomains.
struct QuestionArrays {
  IntegerArray orders, claim_orders;
  TextArray tenants, claim_tenants;
  BytesArray hashes, registrars;
  TimeArray windows;

  void Add(int32_t order, const DomainQuestion& question) {
    for (const std::string& hash : question.spki_sha256) {
      orders.Add(order);
      tenants.Add(question.tenant_id);
      hashes.Add(hash);
    }
    if (!question.registrar_spki_sha256.empty()) {
      claim_orders.Add(order);
      claim_tenants.Add(question.tenant_id);
      registrars.Add(question.registrar_spki_sha256);
      windows.Add(question.window);
    }
  }
};

// What rows say of one question; of several customers the first by id.
struct RowsOfQuestion {
  std::string customer_id;
  std::string customer;  // its definition
  DomainFacts facts;

  void Add(const pqxx::row& row) {
    if (!row[1].is_null()) {
      const auto id = row[1].as<std::string>();
      if (customer_id.empty() || id < customer_id) {
        customer_id = id;
        customer = row[2].as<std::string>();
      }
    }
    facts.blocked = facts.blocked || row[3].as<bool>();
    facts.claims += row[4].as<int64_t>();
  }

  absl::StatusOr<DomainFacts> Finish() && {
    if (!customer_id.empty()) {
      MASA_RETURN_IF_ERROR(
          ParseDefinition(customer, &facts.customer.emplace()));
    }
    return std::move(facts);
  }
};

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
          MASA_RETURN_IF_ERROR(
              ParseDefinition(row[0].as<std::string>(), catalog.add_tenants()));
        }
        for (const pqxx::row& row : Execute(transaction, kReadProducts)) {
          MASA_RETURN_IF_ERROR(ParseDefinition(row[0].as<std::string>(),
                                               catalog.add_products()));
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
        return rows.empty()
                   ? unknown
                   : ParseDefinition(rows[0][0].as<std::string>(), &customer);
      }));
  return customer;
}

std::vector<absl::StatusOr<DomainFacts>> PostgresCatalogStore::DomainsOf(
    const RequestContext& context, absl::Span<const DomainQuestion> questions) {
  QuestionArrays q;
  for (size_t i = 0; i < questions.size(); ++i) {
    // A name that no record can have meets none.
    if (IsStorableText(questions[i].tenant_id)) {
      q.Add(static_cast<int32_t>(i), questions[i]);
    }
  }
  std::vector<RowsOfQuestion> found;
  const absl::Status status = RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        found.assign(questions.size(), {});
        for (const pqxx::row& row :
             Execute(transaction, kReadDomains, q.orders.Finish(),
                     q.tenants.Finish(), q.hashes.Finish(),
                     q.claim_orders.Finish(), q.claim_tenants.Finish(),
                     q.registrars.Finish(), q.windows.Finish())) {
          found[row[0].as<size_t>()].Add(row);
        }
        return absl::OkStatus();
      });
  if (!status.ok()) {
    return std::vector<absl::StatusOr<DomainFacts>>(questions.size(), status);
  }
  std::vector<absl::StatusOr<DomainFacts>> answers;
  for (RowsOfQuestion& rows : found) {
    answers.push_back(std::move(rows).Finish());
  }
  return answers;
}

}  // namespace masa::storage
