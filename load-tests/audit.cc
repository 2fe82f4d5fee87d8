// The figures audit_sequence, audit_proof and audit_verify: what the log of
// events costs beside the vouchers that it is of.
//
//   audit sequence EVENTS
//     commits vouchers by 256, then sequences their events: CPU of both
//   audit proof EVENTS
//     finds and proves events anywhere in a log of so many
//   audit verify EVENTS
//     checks so many events in memory, against bare SHA-256
#include <openssl/sha.h>
#include <postgresql/libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "load-tests/process_cpu.h"
#include "services/issuance/log_tree.h"
#include "services/issuance/sequence_events.h"
#include "services/signing/local_signer.h"
#include "services/testing/test_pki.h"
#include "services/transparency/log_verifier.h"
#include "services/transparency/receipt.h"
#include "storage/contract/postgres_server.h"
#include "storage/device.h"
#include "storage/postgres/postgres_audit_log.h"
#include "storage/postgres/postgres_audit_sequence.h"
#include "storage/postgres/postgres_issuance_log.h"

namespace masa {
namespace {

using storage::LogEntry;

constexpr int kBatch = 256;

void Require(bool held, const std::string& what) {
  if (!held) {
    std::fprintf(stderr, "audit: %s\n", what.c_str());
    std::exit(1);
  }
}

double Seconds() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double OwnCpu() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// The server's own process, from the file that it keeps.
int PostmasterOf(const std::string& superuser_url) {
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
      PQconnectdb(superuser_url.c_str()), PQfinish);
  std::unique_ptr<PGresult, void (*)(PGresult*)> result(
      PQexec(connection.get(), "SHOW data_directory"), PQclear);
  Require(PQntuples(result.get()) == 1, PQerrorMessage(connection.get()));
  std::ifstream file(
      absl::StrCat(PQgetvalue(result.get(), 0, 0), "/postmaster.pid"));
  int pid = 0;
  Require(static_cast<bool>(file >> pid), "the server has no process");
  return pid;
}

// A database of its own, and a sequencer on it.
class Bench {
 public:
  Bench() {
    auto server = storage::PostgresServer::Start();
    Require(server.ok(), std::string(server.status().message()));
    server_ = *std::move(server);
    postmaster_ =
        PostmasterOf(server_->Url(storage::PostgresServer::kSuperuser));
    pool_ = std::make_unique<storage::ConnectionPool>(
        storage::ConnectionPool::Options{
            .url = server_->Url(storage::PostgresServer::kService),
            .max_connections = 4,
            .statement_timeout = absl::Minutes(5)});
    log_ = storage::PostgresAuditLog::New(pool_.get());
    sequence_ = storage::PostgresAuditSequence::New(pool_.get());
    testing::CertificateSpec spec;
    spec.common_name = "bench";
    spec.key = testing::KeyKind::kEd25519;
    spec.not_before = absl::Now() - absl::Hours(1);
    spec.not_after = absl::Now() + absl::Hours(24);
    const testing::Identity identity = testing::MakeIdentity(spec);
    signer_ = *signing::LocalSigner::New(
        {{{"audit", identity.CertificatePem(), {signing::Kind::kCheckpoint}},
          identity.KeyPem(),
          ""}});
    sequencer_ = std::make_unique<issuance::SequenceEvents>(
        *log_, *sequence_, *signer_, nullptr, clock_,
        issuance::AuditTerms{"audit", "bench.example", "bench"});
  }

  // The server's processes, those that ended included.
  double ServerCpu() const { return CpuSecondsWithChildren(postmaster_); }

  // All that waits; how many events.
  int64_t Sequence() {
    int64_t events = 0;
    while (true) {
      const auto round = sequencer_->Run({});
      Require(round.ok(), std::string(round.status().message()));
      Require(round->failed.ok(), std::string(round->failed.message()));
      events += round->events;
      if (!round->is_behind) {
        return events;
      }
    }
  }

  const SystemClock clock_;
  std::unique_ptr<storage::PostgresServer> server_;
  int postmaster_ = 0;
  std::unique_ptr<storage::ConnectionPool> pool_;
  std::unique_ptr<storage::PostgresAuditLog> log_;
  std::unique_ptr<storage::PostgresAuditSequence> sequence_;
  std::unique_ptr<signing::LocalSigner> signer_;
  std::unique_ptr<issuance::SequenceEvents> sequencer_;
};

storage::IssuedVoucher VoucherOf(int64_t i) {
  storage::IssuedVoucher voucher;
  const std::string serial = absl::StrCat("B-", i);
  voucher.voucher_id = storage::NewEventId(absl::Now());
  voucher.audit_event_id = storage::NewEventId(absl::Now());
  voucher.tenant_id = "acme";
  voucher.bucket = storage::BucketOf("acme", serial);
  voucher.device_id = storage::DeviceIdOf("acme", serial, std::nullopt);
  voucher.request_digest = storage::NewSalt() + storage::NewSalt();
  voucher.format = masa::v1::FORMAT_CMS_JSON;
  voucher.voucher = std::string(2200, 'v') + voucher.voucher_id;
  voucher.assertion = masa::v1::ASSERTION_LOGGED;
  voucher.nonce = "nonce-of-some-length";
  voucher.created_on = absl::Now();
  voucher.domain_id = std::string(20, 'd');
  voucher.pinned_spki_sha256 = std::string(32, 's');
  voucher.issuer_spki_sha256 = std::string(32, 'i');
  voucher.signing_key = "acme-voucher";
  voucher.actor = std::string(64, 'a');
  voucher.request_id = std::string(36, 'r');
  return voucher;
}

int Sequence(int64_t events) {
  Bench bench;
  const auto log = storage::PostgresIssuanceLog::New(bench.pool_.get());
  const double begin = OwnCpu() + bench.ServerCpu();
  for (int64_t done = 0; done < events; done += kBatch) {
    std::vector<storage::IssuedVoucher> vouchers;
    for (int i = 0; i < kBatch; ++i) {
      vouchers.push_back(VoucherOf(done + i));
    }
    for (const auto& outcome : log->Commit({}, vouchers)) {
      Require(outcome.ok(), std::string(outcome.status().message()));
    }
  }
  const double committed = OwnCpu() + bench.ServerCpu();
  const double start = Seconds();
  const int64_t sequenced = bench.Sequence();
  const double took = Seconds() - start;
  const double cpu = OwnCpu() + bench.ServerCpu() - committed;
  Require(sequenced >= events, "events are missing");
  const double commit_us = (committed - begin) / events * 1e6;
  const double sequence_us = cpu / sequenced * 1e6;
  std::printf(
      "audit_sequence value=%.2f unit=us limit=%.1f ratio=%.3f note=\"CPU of "
      "sequencing an event, signing included, against CPU of committing a "
      "voucher of 2.2 KB by %d (its signature apart); %.0f events/s\"\n",
      sequence_us, commit_us, sequence_us / commit_us, kBatch,
      sequenced / took);
  return 0;
}

// Rows of the outbox without events, by COPY.
void FillOutbox(const std::string& url, int64_t events,
                std::vector<std::string>* some) {
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
      PQconnectdb(url.c_str()), PQfinish);
  PQclear(PQexec(connection.get(),
                 "COPY audit_outbox (bucket, outbox_id, tenant_id, event_ids, "
                 "commitments) FROM STDIN"));
  for (int64_t done = 0; done < events; done += kBatch) {
    // 20,000 a second, as they would come.
    const absl::Time at =
        absl::FromUnixSeconds(1'700'000'000) + absl::Microseconds(50) * done;
    std::vector<LogEntry> entries(kBatch);
    for (LogEntry& entry : entries) {
      entry.event_id = storage::NewEventId(at);
      entry.commitment = storage::NewSalt() + storage::NewSalt();
    }
    some->push_back(entries[done / kBatch % kBatch].event_id);
    const auto hex = [](const std::string& octets) {
      return absl::StrCat("\\\\x", absl::BytesToHexString(octets));
    };
    const std::string line =
        absl::StrCat("0\t", hex(entries.front().event_id), "\tacme\t",
                     hex(storage::EncodeIds(entries)), "\t",
                     hex(storage::EncodeCommitments(entries)), "\n");
    PQputCopyData(connection.get(), line.data(), static_cast<int>(line.size()));
  }
  PQputCopyEnd(connection.get(), nullptr);
  std::unique_ptr<PGresult, void (*)(PGresult*)> result(
      PQgetResult(connection.get()), PQclear);
  Require(PQresultStatus(result.get()) == PGRES_COMMAND_OK,
          PQerrorMessage(connection.get()));
}

int Proof(int64_t events) {
  constexpr int kProofs = 2000;
  Bench bench;
  std::vector<std::string> some;
  FillOutbox(bench.server_->Url(storage::PostgresServer::kSuperuser), events,
             &some);
  Require(bench.Sequence() >= events, "events are missing");
  const auto head = *bench.log_->ReadHead({}, "acme");
  std::vector<double> times;
  for (int i = 0; i < kProofs; ++i) {
    const std::string& id = some[static_cast<size_t>(i) * 7919 % some.size()];
    const double start = Seconds();
    const auto index = bench.log_->FindEvent({}, "acme", id);
    Require(index.ok() && *index, "an event is not found");
    const auto read = issuance::FetchTiles(
        {}, *bench.log_, "acme", merkle::TilesOfInclusion(**index, head.size));
    Require(read.ok() && merkle::InclusionFromTiles(**index, head.size, *read),
            "an event is not proven");
    times.push_back((Seconds() - start) * 1e3);
  }
  std::sort(times.begin(), times.end());
  double sum = 0;
  for (const double time : times) {
    sum += time;
  }
  std::printf(
      "audit_proof value=%.0f unit=1/s limit=- ratio=- note=\"finding and "
      "proving events of %lld, one after the other: p50 %.2f ms, p99 %.2f "
      "ms\"\n",
      times.size() / sum * 1e3, static_cast<long long>(head.size),
      times[times.size() / 2], times[times.size() * 99 / 100]);
  return 0;
}

int Verify(int64_t events) {
  constexpr int kDistinct = 4096;
  struct One {
    transparency::GivenEvent given;
    std::string entry;
  };
  std::vector<One> some(kDistinct);
  size_t octets = 0;
  for (int i = 0; i < kDistinct; ++i) {
    const storage::LogEvent event = storage::LogEventOf(VoucherOf(i));
    some[i] = {{"", event.salt, storage::CanonicalEvent(event)},
               storage::CommitmentOf(event)};
    octets += event.salt.size() + some[i].given.event.size();
  }
  transparency::LogVerifier verifier({"bench", std::string(32, 'k')});
  double start = Seconds();
  for (int64_t i = 0; i < events; ++i) {
    const One& one = some[i % kDistinct];
    Require(verifier.Add(one.entry, one.given).ok(), "an event does not fit");
  }
  const double took = Seconds() - start;
  std::string whole;
  uint8_t digest[SHA256_DIGEST_LENGTH] = {};
  start = Seconds();
  for (int64_t i = 0; i < events; ++i) {
    const One& one = some[i % kDistinct];
    SHA256(reinterpret_cast<const uint8_t*>(one.given.event.data()),
           one.given.event.size(), digest);
  }
  const double bare = Seconds() - start;
  const double megabytes =
      static_cast<double>(octets) / kDistinct * events / 1e6;
  std::printf(
      "audit_verify value=%.0f unit=MB/s limit=%.0f ratio=%.2f note=\"%lld "
      "events of %.0f octets checked and their tree built, against bare "
      "SHA-256 of each event (%02x); %.0f events/s\"\n",
      megabytes / took, megabytes / bare, bare / took,
      static_cast<long long>(events), megabytes * 1e6 / events, digest[0],
      events / took);
  return 0;
}

}  // namespace
}  // namespace masa

int main(int argc, char** argv) {
  const std::string verb = argc == 3 ? argv[1] : "";
  int64_t events = 0;
  masa::Require(argc == 3 && absl::SimpleAtoi(argv[2], &events) && events > 0,
                "usage: audit sequence|proof|verify EVENTS");
  return verb == "sequence" ? masa::Sequence(events)
         : verb == "proof"  ? masa::Proof(events)
                            : masa::Verify(events);
}
