// For kill_test alone: answers one request with the real use cases on
// PostgreSQL, and kills itself where it is told to.
//
//   answer_one_request FOLDER DATABASE_URL REQUEST ANSWER before|after|never
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/config/yaml_reader.h"
#include "services/masad/signer_part.h"
#include "services/masad/use_cases.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/postgres_catalog_store.h"
#include "storage/postgres/postgres_claim_store.h"
#include "storage/postgres/postgres_device_registry.h"
#include "storage/postgres/postgres_device_store.h"
#include "storage/postgres/postgres_feed_store.h"
#include "storage/postgres/postgres_group_store.h"
#include "storage/postgres/postgres_history_store.h"
#include "storage/postgres/postgres_import_store.h"
#include "storage/postgres/postgres_issuance_log.h"
#include "storage/postgres/postgres_issued_vouchers.h"
#include "storage/postgres/postgres_key_store.h"
#include "storage/postgres/postgres_owned_devices.h"
#include "storage/postgres/postgres_standing_store.h"
#include "storage/postgres/postgres_transfer_store.h"
#include "storage/postgres/postgres_voucher_job_store.h"

namespace masa::masad {
namespace {

// Dies as by kill -9 before or after the commit.
class DyingLog final : public storage::IssuanceLog {
 public:
  DyingLog(storage::IssuanceLog& log, std::string when)
      : log_(log), when_(std::move(when)) {}

  std::vector<absl::StatusOr<storage::Committed>> Commit(
      const RequestContext& context,
      std::vector<storage::IssuedVoucher> vouchers) override {
    if (when_ == "before") {
      raise(SIGKILL);
    }
    auto committed = log_.Commit(context, std::move(vouchers));
    if (when_ == "after") {
      raise(SIGKILL);
    }
    return committed;
  }
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ListForDevice(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id, int limit) override {
    return log_.ListForDevice(context, bucket, device_id, limit);
  }
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ReadForRules(
      const RequestContext& context,
      const storage::RulesQuestion& question) override {
    return log_.ReadForRules(context, question);
  }
  absl::StatusOr<storage::IssuanceSummary> Summarize(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id, int limit) override {
    return log_.Summarize(context, bucket, device_id, limit);
  }

 private:
  storage::IssuanceLog& log_;
  const std::string when_;
};

Setup SetupIn(const std::string& folder) {
  Setup setup{{}, folder};
  for (const auto& [name, file] :
       {std::pair<const char*, const char*>{"acme-voucher", "voucher-p256"},
        {"acme-nonceless", "voucher-nonceless"}}) {
    auto* key = setup.config.mutable_signer()->add_local_keys();
    key->set_name(name);
    key->set_key_file(std::string("secrets/") + file + ".key");
    key->set_chain_file(std::string("secrets/") + file + ".pem");
    key->add_kinds("VOUCHER_CMS");
  }
  return setup;
}

int Run(char** argv) {
  const auto keys = BuildLocalKeys(SetupIn(argv[1]));
  std::string request;
  if (!keys.ok() || !config::ReadFile(argv[3], &request)) {
    return 1;
  }
  storage::ConnectionPool pool({.url = argv[2]});
  const auto catalog = storage::PostgresCatalogStore::New(&pool);
  const auto devices = storage::PostgresDeviceStore::New(&pool);
  const auto log = storage::PostgresIssuanceLog::New(&pool);
  const auto claims = storage::PostgresClaimStore::New(&pool);
  const auto owned = storage::PostgresOwnedDevices::New(&pool);
  const auto groups = storage::PostgresGroupStore::New(&pool);
  const auto registry = storage::PostgresDeviceRegistry::New(&pool);
  const auto imports = storage::PostgresImportStore::New(&pool);
  const auto histories = storage::PostgresHistoryStore::New(&pool);
  const auto transfers = storage::PostgresTransferStore::New(&pool);
  const auto feed = storage::PostgresFeedStore::New(&pool);
  const auto standings = storage::PostgresStandingStore::New(&pool);
  const auto versions = storage::PostgresKeyStore::New(&pool);
  const auto issued = storage::PostgresIssuedVouchers::New(&pool);
  const auto jobs = storage::PostgresVoucherJobStore::New(&pool);
  DyingLog dying(*log, argv[5]);
  telemetry::Metrics metrics;
  const Stores stores{*catalog, *devices,   dying,     *claims,    *owned,
                      *groups,  *registry,  *imports,  *histories, *transfers,
                      *feed,    *standings, *versions, *issued,    *jobs};
  UseCases use_cases(stores, stores, *keys->signer, *keys->maker, metrics);
  issuance::RegistrarCall call;
  call.content_type = "application/voucher-cms+json";
  call.body = request;
  const auto answer = use_cases.registrars().RequestVoucher(call);
  if (!answer.ok()) {
    std::fprintf(stderr, "%s\n", answer.status().ToString().c_str());
    return 1;
  }
  std::ofstream(argv[4], std::ios::binary) << answer->body;
  return 0;
}

}  // namespace
}  // namespace masa::masad

int main(int argc, char** argv) {
  return argc == 6 ? masa::masad::Run(argv) : 2;
}
