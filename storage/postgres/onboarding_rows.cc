#include "storage/postgres/onboarding_rows.h"

#include "storage/postgres/array_parameter.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr Statement kPut = {
    "put_onboarding",
    "INSERT INTO onboardings (tenant_id, organization_id, group_id, "
    "registrar_url, est_domain, est_certificate_der, "
    "additional_configuration_url, version) "
    "VALUES ($1, $2, $3, $4, $5, $6::bytea, $7, $8) "
    "ON CONFLICT (tenant_id, organization_id, group_id) DO UPDATE SET "
    "registrar_url = excluded.registrar_url, "
    "est_domain = excluded.est_domain, "
    "est_certificate_der = excluded.est_certificate_der, "
    "additional_configuration_url = excluded.additional_configuration_url, "
    "version = excluded.version"};

constexpr Statement kRemove = {
    "remove_onboarding",
    "DELETE FROM onboardings WHERE tenant_id = $1 AND organization_id = $2 "
    "AND group_id = $3"};

}  // namespace

void WriteOnboardings(pqxx::transaction_base& transaction,
                      const TreeChange& change) {
  for (const std::string& group_id : change.removed_onboardings) {
    Execute(transaction, kRemove, change.tenant_id, change.organization_id,
            group_id);
  }
  for (const Onboarding& record : change.onboardings) {
    Execute(transaction, kPut, change.tenant_id, change.organization_id,
            record.group_id, record.registrar_url, record.est_domain,
            BytesParameter(record.est_certificate_der),
            record.additional_configuration_url, record.version);
  }
}

}  // namespace masa::storage
