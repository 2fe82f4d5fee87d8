#include "services/masad/verify_part.h"

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "openssl/pem.h"
#include "services/config/check_config.h"
#include "services/issuance/verify_logs.h"
#include "services/masad/database.h"
#include "services/masad/mirror_folder.h"
#include "services/observe/clock.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/postgres_audit_log.h"
#include "storage/postgres/postgres_audit_sequence.h"
#include "storage/postgres/postgres_job_runs.h"
#include "storage/postgres/table_agreement.h"

namespace masa::masad {
namespace {

using issuance::LogVerdict;
using issuance::VerifyLogs;

// Daily backups, and an hour for one to be made and restored.
constexpr absl::Duration kUsualAge = absl::Hours(25);
// Whole tables are read.
constexpr absl::Duration kTablesTake = absl::Hours(2);

RequestContext NewContext() {
  RequestContext context;
  context.request_id = "verify";
  context.deadline = SystemClock().Now() + absl::Minutes(1);
  return context;
}

absl::StatusOr<VerifyLogs::Terms> TermsOf(const Setup& setup) {
  const masa::v1::AuditLog& audit = setup.config.authority().audit();
  MASA_ASSIGN_OR_RETURN(const std::string pem,
                        TextOf(setup, audit.certificate_file()));
  bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.data(), pem.size()));
  char* name = nullptr;
  char* header = nullptr;
  uint8_t* octets = nullptr;
  long size = 0;
  if (audit.origin().empty() ||
      PEM_read_bio(bio.get(), &name, &header, &octets, &size) != 1) {
    return Refuse(Reason::kMisconfigured,
                  "authority.audit.origin and certificate_file, a PEM "
                  "certificate of its signing_key, are needed to verify");
  }
  const bssl::UniquePtr<char> own_name(name), own_header(header);
  const bssl::UniquePtr<uint8_t> own_octets(octets);
  return VerifyLogs::Terms{
      audit.origin(), std::string(reinterpret_cast<const char*>(octets), size)};
}

absl::StatusOr<std::unique_ptr<MirrorFolder>> MirrorOf(const Setup& setup) {
  const std::string& folder = setup.config.authority().audit().mirror_folder();
  return folder.empty()
             ? absl::StatusOr<std::unique_ptr<MirrorFolder>>(nullptr)
             : MirrorFolder::Open(config::Below(setup.folder, folder));
}

absl::StatusOr<std::vector<std::string>> LogsOf(storage::ConnectionPool& pool) {
  return storage::PostgresAuditSequence::New(&pool)->ListLogs(NewContext());
}

// What was found of all logs of a database.
struct Sum {
  size_t logs = 0;
  uint64_t events = 0;
  uint64_t behind = 0;

  void Add(const LogVerdict& verdict) {
    ++logs;
    events += verdict.size;
    behind += verdict.behind;
  }
};

absl::StatusOr<std::string> HoldAudit(const Setup& setup,
                                      storage::ConnectionPool& pool) {
  MASA_RETURN_IF_ERROR(storage::CheckSchema(pool));
  MASA_ASSIGN_OR_RETURN(VerifyLogs::Terms terms, TermsOf(setup));
  MASA_ASSIGN_OR_RETURN(const auto mirror, MirrorOf(setup));
  const SystemClock clock;
  const auto log = storage::PostgresAuditLog::New(&pool);
  VerifyLogs verify({*log, mirror.get(), clock}, std::move(terms));
  MASA_ASSIGN_OR_RETURN(const auto tenant_ids, LogsOf(pool));
  Sum sum;
  for (const std::string& tenant_id : tenant_ids) {
    MASA_ASSIGN_OR_RETURN(const LogVerdict verdict, verify.Verify(tenant_id));
    sum.Add(verdict);
  }
  return absl::StrCat(sum.events, " events of ", sum.logs,
                      " logs are as their checkpoints say",
                      mirror == nullptr ? "" : ", and as the mirror has them");
}

absl::StatusOr<storage::ConnectionPool::Options> CopyOptions(
    const Setup& setup) {
  const masa::v1::StorageConfig& config = setup.config.storage();
  storage::ConnectionPool::Options options;
  MASA_ASSIGN_OR_RETURN(
      options.url, UrlOf(setup, config.backup_url(), config.backup_url_file()));
  if (options.url.empty()) {
    return Refuse(Reason::kMisconfigured,
                  "storage.backup_url or storage.backup_url_file is needed to "
                  "verify a backup");
  }
  options.role = config.service_role();
  options.max_connections = 1;
  options.statement_timeout = kTablesTake;
  return options;
}

absl::Time OldestWanted(const masa::v1::StorageConfig& config) {
  return SystemClock().Now() -
         (config.backup_longest_age_hours() == 0
              ? kUsualAge
              : absl::Hours(config.backup_longest_age_hours()));
}

// Of the copy's refusals, so that nobody looks for the fault in the service.
absl::Status OfCopy(const absl::Status& status) {
  return status.ok() ? status
                     : Refuse(ReasonOf(status),
                              absl::StrCat("the backup: ", status.message()));
}

absl::StatusOr<Sum> HoldCopy(const Setup& setup, storage::ConnectionPool& pool,
                             storage::ConnectionPool& copy) {
  MASA_ASSIGN_OR_RETURN(VerifyLogs::Terms terms, TermsOf(setup));
  MASA_ASSIGN_OR_RETURN(const auto mirror, MirrorOf(setup));
  const SystemClock clock;
  const auto service_log = storage::PostgresAuditLog::New(&pool);
  const auto log = storage::PostgresAuditLog::New(&copy);
  VerifyLogs verify({*log, mirror.get(), clock}, std::move(terms));
  MASA_ASSIGN_OR_RETURN(const auto served, LogsOf(pool));
  MASA_ASSIGN_OR_RETURN(const auto copied, LogsOf(copy));
  std::set<std::string> tenant_ids(served.begin(), served.end());
  tenant_ids.insert(copied.begin(), copied.end());
  const absl::Time oldest = OldestWanted(setup.config.storage());
  Sum sum;
  for (const std::string& tenant_id : tenant_ids) {
    MASA_ASSIGN_OR_RETURN(const LogVerdict verdict,
                          verify.VerifyCopy(tenant_id));
    MASA_RETURN_IF_ERROR(issuance::CheckCopyIsOf(
        NewContext(), *service_log, tenant_id, oldest, verdict.size));
    sum.Add(verdict);
  }
  return sum;
}

absl::StatusOr<std::string> HoldBackup(const Setup& setup,
                                       storage::ConnectionPool& pool) {
  MASA_RETURN_IF_ERROR(storage::CheckSchema(pool));
  MASA_ASSIGN_OR_RETURN(auto options, CopyOptions(setup));
  storage::ConnectionPool copy(std::move(options));
  MASA_RETURN_IF_ERROR(OfCopy(storage::CheckSchema(copy)));
  const auto sum = HoldCopy(setup, pool, copy);
  MASA_RETURN_IF_ERROR(OfCopy(sum.status()));
  MASA_RETURN_IF_ERROR(OfCopy(storage::CheckTablesAgree(copy)));
  return absl::StrCat("the backup holds: ", sum->events, " events of ",
                      sum->logs, " logs begin what is outside, which has ",
                      sum->behind, " more; its tables are of one moment");
}

// Runs the job, and records how it ended.
absl::StatusOr<std::string> Recorded(
    const Setup& setup, const char* job,
    absl::StatusOr<std::string> (*run)(const Setup&,
                                       storage::ConnectionPool&)) {
  MASA_ASSIGN_OR_RETURN(auto options, ServicePoolOptions(setup));
  options.max_connections = 1;
  storage::ConnectionPool pool(std::move(options));
  absl::StatusOr<std::string> ended = run(setup, pool);
  const absl::Status recorded = storage::PostgresJobRuns::New(&pool)->Record(
      NewContext(), job, SystemClock().Now(), ended.ok());
  // A run of which nobody hears would be missed all the same.
  return ended.ok() && !recorded.ok() ? recorded : ended;
}

}  // namespace

absl::StatusOr<std::string> VerifyAudit(const Setup& setup) {
  return Recorded(setup, storage::kVerifyAuditJob, HoldAudit);
}

absl::StatusOr<std::string> VerifyBackup(const Setup& setup) {
  return Recorded(setup, storage::kVerifyBackupJob, HoldBackup);
}

}  // namespace masa::masad
