#include "load-tests/hammer/limits.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "absl/strings/str_cat.h"
#include "load-tests/bare_copy.h"
#include "load-tests/bare_insert.h"
#include "load-tests/bare_query.h"
#include "load-tests/hammer/echo_limit.h"
#include "load-tests/hammer/handshake_cost.h"
#include "load-tests/hammer/samples.h"
#include "load-tests/process_cpu.h"
#include "load-tests/signature_cost.h"

namespace masa::hammer {
namespace {

constexpr char kTenant[] = "acme";  // the sandbox's
constexpr int kRows = 8000;
constexpr int kWarmRows = 2000;
constexpr int kCopied = 50'000;
constexpr int kDevicesOfQuery = 500;
constexpr size_t kConnections = 4;

Part Signatures(int verified, int made) {
  const SignatureCost cost = MeasureP256();
  std::string what;
  if (verified > 0) {
    what = absl::StrCat(verified, " ECDSA_verify");
  }
  if (made > 0) {
    absl::StrAppend(&what, what.empty() ? "" : " and ", made, " ECDSA_sign");
  }
  return {what + " P-256",
          (verified * cost.verify_seconds + made * cost.sign_seconds) * 1e6};
}

Limit OverHttps(const Work& work, int verified, int made) {
  Limit limit = {Signatures(verified, made)};
  if (work.one_shot()) {
    limit.push_back({"the server's side of a TLS 1.3 handshake",
                     ServerHandshakeSeconds() * 1e6});
  }
  return limit;
}

// Of the service's own prepared statement, in its largest calls.
Part Query(const Arguments& arguments, const Workshop& workshop) {
  std::vector<masa::v1::ResolveOwnershipsRequest> calls;
  const auto& questions = workshop.questions();
  for (size_t i = 0; i < questions.size(); ++i) {
    if (i % kDevicesOfQuery == 0) {
      calls.emplace_back();
    }
    *calls.back().add_requests() = questions[i];
  }
  const std::chrono::duration<double> seconds(1.5);
  const BareQuery query(arguments.database, kTenant, calls);
  query.Run(kConnections, seconds / 3);
  const double before = CpuSecondsWithChildren(arguments.postgres);
  const double rate = query.Run(kConnections, seconds);
  const double cpu = CpuSecondsWithChildren(arguments.postgres) - before;
  return {absl::StrCat("the query over bare libpq, ", kDevicesOfQuery,
                       " devices a statement"),
          cpu / (rate * seconds.count() * kDevicesOfQuery) * 1e6};
}

Part Insert(const Arguments& arguments,
            const masa::v1::IssueVoucherResponse& voucher) {
  BareInsert insert(arguments.bare_database);
  const auto row = RowOf(voucher);
  insert.Run(row, kWarmRows);
  const double before = CpuSecondsWithChildren(arguments.postgres);
  insert.Run(row, kRows);
  const double cpu = CpuSecondsWithChildren(arguments.postgres) - before;
  return {"PostgreSQL's INSERT of 256 rows", cpu / kRows * 1e6};
}

Part Copy(const Work& work, const Arguments& arguments,
          const Workshop& workshop) {
  const BareCopy copy(arguments.database, workshop.NewSerials(work), kCopied);
  const double before = CpuSecondsWithChildren(arguments.postgres);
  copy.Run(arguments.bare_database);
  const double cpu = CpuSecondsWithChildren(arguments.postgres) - before;
  return {"COPY of the same rows into devices and device_serials",
          cpu / copy.devices() * 1e6};
}

bool NeedsDatabase(const Work& work) {
  return work.kind() >= Work::KIND_RESOLVE_MANY &&
         work.kind() != Work::KIND_ENROLL;
}

Limit OverGrpc(const Scenario& scenario, const Arguments& arguments,
               const EchoKeys& keys, EchoServer& echo, Workshop& workshop) {
  const Work& work = scenario.mix(0);
  if (NeedsDatabase(work) &&
      (arguments.database.empty() || arguments.bare_database.empty())) {
    return {};
  }
  const Sample sample = TakeSample(work, workshop);
  Limit limit = {Echo(scenario, sample.octets, keys, echo, workshop)};
  switch (work.kind()) {
    case Work::KIND_RESOLVE_MANY:
    case Work::KIND_STREAM_RESOLVE:
      limit.push_back(Query(arguments, workshop));
      break;
    case Work::KIND_ISSUE_MANY:
    case Work::KIND_STREAM_ISSUE:
      limit.push_back(Signatures(0, 1));
      limit.push_back(Insert(arguments, sample.voucher));
      break;
    case Work::KIND_IMPORT:
      limit.push_back(Copy(work, arguments, workshop));
      break;
    default:
      break;
  }
  return limit;
}

// Of a scenario with one work.
Limit LimitOfOne(const Scenario& scenario, const Arguments& arguments,
                 const EchoKeys& keys, EchoServer& echo, Workshop& workshop) {
  const Work& work = scenario.mix(0);
  switch (work.kind()) {
    case Work::KIND_REQUEST_VOUCHER:
      // The registrar's, the pledge's, and the pledge's certificate.
      return OverHttps(work, 3, 1);
    case Work::KIND_REQUEST_AUDIT_LOG:
      return OverHttps(work, 1, 0);
    case Work::KIND_ENROLL:
      return OverHttps(work, 1, 1);
    default:
      return OverGrpc(scenario, arguments, keys, echo, workshop);
  }
}

}  // namespace

Limit LimitOf(const Scenario& scenario, const Result& result,
              const Arguments& arguments, const EchoKeys& keys, Echoes& echoes,
              Workshop& workshop) {
  std::vector<WorkLimit> limits;
  for (int i = 0; i < scenario.mix_size(); ++i) {
    const auto at = static_cast<size_t>(i);
    Scenario alone = scenario;
    alone.clear_mix();
    *alone.add_mix() = scenario.mix(i);
    limits.push_back(
        {scenario.mix(i), result.works[at].items,
         LimitOfOne(alone, arguments, keys, echoes[at], workshop)});
  }
  return MixLimit(limits);
}

}  // namespace masa::hammer
