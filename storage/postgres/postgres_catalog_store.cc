#include "storage/postgres/postgres_catalog_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/audit_event.h"
#include "storage/catalog_changes.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/catalog_writes.h"
#include "storage/postgres/definition.h"
#include "storage/postgres/hold_catalog.h"
#include "storage/postgres/in_halves.h"
#include "storage/postgres/request_results.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr Statement kReadTenants = {
    "read_tenants", "SELECT definition FROM tenants ORDER BY tenant_id"};

constexpr Statement kReadProducts = {
    "read_products",
    "SELECT definition FROM products ORDER BY tenant_id, product_id"};

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

// What rows say of one question. A customer has a row for each of its
// certificates.
struct RowsOfQuestion {
  std::map<std::string, std::string> customers;  // definitions by id
  DomainFacts facts;

  void Add(const pqxx::row& row) {
    if (!row[1].is_null()) {
      customers.try_emplace(row[1].as<std::string>(), row[2].c_str());
    }
    facts.blocked = facts.blocked || row[3].as<bool>();
    facts.claims += row[4].as<int64_t>();
  }

  absl::StatusOr<DomainFacts> Finish() && {
    for (const auto& [id, definition] : customers) {
      masa::v1::Organization& customer = facts.customers.emplace_back();
      MASA_RETURN_IF_ERROR(ParseDefinition(definition, &customer));
      customer.set_organization_id(id);
    }
    return std::move(facts);
  }
};

// All tenants and products; they are few.
absl::Status SelectPolicies(pqxx::transaction_base& transaction,
                            masa::v1::Catalog* catalog) {
  catalog->Clear();
  for (const pqxx::row& row : Execute(transaction, kReadTenants)) {
    MASA_RETURN_IF_ERROR(
        ParseDefinition(row[0].as<std::string>(), catalog->add_tenants()));
  }
  for (const pqxx::row& row : Execute(transaction, kReadProducts)) {
    MASA_RETURN_IF_ERROR(
        ParseDefinition(row[0].as<std::string>(), catalog->add_products()));
  }
  return absl::OkStatus();
}

absl::Status Write(ConnectionPool& pool, const RequestContext& context,
                   const std::string& actor, absl::Time at,
                   const masa::v1::Catalog& catalog,
                   const CatalogTerms& terms) {
  MASA_RETURN_IF_ERROR(CheckCatalog(catalog));
  return RunTransaction(
      pool, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        if (!RememberOrder(transaction, terms.once, at)) {
          return RequestIsKnown();
        }
        AuditEvent event = CatalogEvent(catalog, actor, at, context.request_id);
        masa::v1::Catalog before;
        MASA_RETURN_IF_ERROR(HoldCatalog(transaction, catalog, &before));
        MASA_RETURN_IF_ERROR(CheckIsAsRead(before, terms.read));
        AddBeforeAndAfter(before, catalog, &event);
        MASA_RETURN_IF_ERROR(WriteCatalog(transaction, catalog));
        InsertEvents(transaction, {event});
        return absl::OkStatus();
      });
}

absl::StatusOr<std::vector<absl::StatusOr<DomainFacts>>> ReadDomains(
    ConnectionPool& pool, const RequestContext& context,
    absl::Span<const DomainQuestion> questions) {
  QuestionArrays q;
  for (size_t i = 0; i < questions.size(); ++i) {
    // A name that no record can have meets none.
    if (IsStorableText(questions[i].tenant_id)) {
      q.Add(static_cast<int32_t>(i), questions[i]);
    }
  }
  std::vector<RowsOfQuestion> found;
  MASA_RETURN_IF_ERROR(RunTransaction(
      pool, context, TransactionKind::kOneStatement,
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
      }));
  std::vector<absl::StatusOr<DomainFacts>> answers;
  for (RowsOfQuestion& rows : found) {
    answers.push_back(std::move(rows).Finish());
  }
  return answers;
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
  return Write(*pool_, context, actor, at, catalog, {});
}

absl::Status PostgresCatalogStore::ApplyIf(const RequestContext& context,
                                           const std::string& actor,
                                           absl::Time at,
                                           const masa::v1::Catalog& catalog,
                                           const CatalogTerms& terms) {
  return Write(*pool_, context, actor, at, catalog, terms);
}

absl::StatusOr<masa::v1::Catalog> PostgresCatalogStore::ReadPolicies(
    const RequestContext& context) {
  masa::v1::Catalog catalog;
  MASA_RETURN_IF_ERROR(
      RunTransaction(*pool_, context, TransactionKind::kManyStatements,
                     [&catalog](pqxx::transaction_base& transaction) {
                       return SelectPolicies(transaction, &catalog);
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
  customer.set_tenant_id(tenant_id);
  customer.set_organization_id(organization_id);
  return customer;
}

std::vector<absl::StatusOr<DomainFacts>> PostgresCatalogStore::DomainsOf(
    const RequestContext& context, absl::Span<const DomainQuestion> questions) {
  return InHalves<DomainFacts>(questions,
                               [&](absl::Span<const DomainQuestion> piece) {
                                 return ReadDomains(*pool_, context, piece);
                               });
}

}  // namespace masa::storage
