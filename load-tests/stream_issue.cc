// The figure stream_issue (sandbox.md, Figures): vouchers per CPU second of a
// running sandbox's masad and PostgreSQL through StreamIssueVouchers, each
// committed before its answer, against the sum of its parts measured bare:
// one ECDSA_sign, PostgreSQL's INSERT of the same rows in batches, and a stream
// that answers messages of the same size and does nothing else.
//
//   stream_issue SANDBOX PORT ROUNDS COUNT MASAD POSTGRES DATABASE
//     issues for ROUNDS * COUNT + WARM devices, STREAM-0 and so on, which are
//     there; MASAD and POSTGRES are process ids
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "load-tests/bare_insert.h"
#include "load-tests/echo_server.h"
#include "load-tests/owned_fleet.h"
#include "load-tests/process_cpu.h"
#include "load-tests/signature_cost.h"
#include "load-tests/stream_load.h"
#include "openssl/pem.h"
#include "proto/masa/v1/voucher.grpc.pb.h"

namespace masa {
namespace {

using grpc::ByteBuffer;
using masa::v1::StreamIssueVouchersRequest;
using masa::v1::StreamIssueVouchersResponse;

constexpr char kMethod[] = "/masa.v1.VoucherService/StreamIssueVouchers";
constexpr size_t kStreams = 4;
constexpr size_t kUnanswered = 256;  // of a stream, which is what it takes
constexpr int kWarm = 2000;          // items before it counts

void Require(bool held, const std::string& what) {
  if (!held) {
    std::fprintf(stderr, "stream_issue: %s\n", what.c_str());
    std::exit(1);
  }
}

std::string ReadPin(const std::string& path) {
  bssl::UniquePtr<BIO> file(BIO_new_file(path.c_str(), "r"));
  Require(file != nullptr, "cannot read " + path);
  bssl::UniquePtr<X509> pin(
      PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  uint8_t* der = nullptr;
  const int size = pin == nullptr ? 0 : i2d_X509(pin.get(), &der);
  Require(size > 0, "no certificate is in " + path);
  std::string octets(reinterpret_cast<char*>(der), size);
  OPENSSL_free(der);
  return octets;
}

ByteBuffer OctetsOf(const std::string& message) {
  const grpc::Slice slice(message);
  return ByteBuffer(&slice, 1);
}

std::vector<ByteBuffer> Orders(const std::string& pin, int first, int count) {
  std::vector<ByteBuffer> orders;
  for (int i = first; i < first + count; ++i) {
    StreamIssueVouchersRequest item;
    item.set_correlation_id(absl::StrCat(i));
    auto& order = *item.mutable_request();
    order.mutable_device()->set_serial_number(absl::StrCat("STREAM-", i));
    order.set_pinned_cert_der(pin);
    order.set_nonce("MDEyMzQ1Njc4OWFiY2RlZg==");
    order.set_request_id(absl::StrCat("stream-issue-", i));
    orders.push_back(OctetsOf(item.SerializeAsString()));
  }
  return orders;
}

StreamIssueVouchersResponse Parse(ByteBuffer& answer) {
  StreamIssueVouchersResponse response;
  Require(grpc::SerializationTraits<StreamIssueVouchersResponse>::Deserialize(
              &answer, &response)
              .ok(),
          "an answer is no message");
  return response;
}

std::string CheckIssued(ByteBuffer& answer) {
  const auto response = Parse(answer);
  return response.has_value() && !response.value().voucher().empty() &&
                 !response.value().replayed()
             ? ""
             : absl::StrCat("no voucher: ", response.status().message());
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// CPU seconds of each part per voucher, a value per round.
struct Rounds {
  std::vector<double> whole, masad, postgres, sign, insert, echo, per_second;
};

class Bench {
 public:
  Bench(char** words, const EchoKeys& keys, EchoServer& echo)
      : masad_pid_(std::atoi(words[5])),
        postgres_pid_(std::atoi(words[6])),
        pin_(ReadPin(std::string(words[1]) + "/sandbox/domain-ca.pem")),
        masad_(SandboxChannels(words[1], words[2], kStreams)),
        echo_(echo),
        insert_(words[7]) {
    StreamIssueVouchersResponse sample;
    Issue(0, kWarm, [&sample](ByteBuffer& answer) {
      static absl::Mutex mutex;
      absl::MutexLock lock(&mutex);
      ByteBuffer copy(answer);
      sample = Parse(copy);
      return CheckIssued(answer);
    });
    row_ = RowOf(sample.value());
    sample_ = sample.SerializeAsString();
    echo_channels_ = OwnChannels(
        echo_.ServeStream(sample_), keys.ca.CertificatePem(),
        keys.client.CertificatePem(), keys.client.KeyPem(), kStreams);
    Echo(0, kWarm);
    insert_.Run(row_, kWarm);
  }

  // Each part in turn, so that a noisy neighbour meets all.
  void Round(int first, int count, Rounds& rounds) {
    const double masad = CpuSecondsOf(masad_pid_);
    const double postgres = CpuSecondsWithChildren(postgres_pid_);
    const double wall = Issue(first, count, CheckIssued);
    const double in_masad = (CpuSecondsOf(masad_pid_) - masad) / count;
    const double in_postgres =
        (CpuSecondsWithChildren(postgres_pid_) - postgres) / count;
    rounds.masad.push_back(in_masad);
    rounds.postgres.push_back(in_postgres);
    rounds.whole.push_back(in_masad + in_postgres);
    rounds.per_second.push_back(count / wall);
    rounds.sign.push_back(MeasureP256().sign_seconds);
    const double before = CpuSecondsWithChildren(postgres_pid_);
    insert_.Run(row_, count);
    rounds.insert.push_back((CpuSecondsWithChildren(postgres_pid_) - before) /
                            count);
    const double echo = CpuSecondsOf(echo_.pid());
    Echo(first, count);
    rounds.echo.push_back((CpuSecondsOf(echo_.pid()) - echo) / count);
  }

  size_t answer_size() const { return sample_.size(); }

 private:
  // Seconds of wall time.
  double Issue(int first, int count, const CheckAnswer& check) {
    const auto result = RunStreams(masad_, kMethod, Orders(pin_, first, count),
                                   kUnanswered, check);
    Require(result.fault.empty(), "masad: " + result.fault);
    return result.seconds;
  }

  void Echo(int first, int count) {
    const auto result = RunStreams(
        echo_channels_, kMethod, Orders(pin_, first, count), kUnanswered,
        [this](ByteBuffer& answer) {
          return answer.Length() == sample_.size() ? "" : "this is no echo";
        });
    Require(result.fault.empty(), "echo: " + result.fault);
  }

  const int masad_pid_;
  const int postgres_pid_;
  const std::string pin_;
  const std::vector<std::shared_ptr<grpc::Channel>> masad_;
  EchoServer& echo_;
  BareInsert insert_;
  std::vector<std::shared_ptr<grpc::Channel>> echo_channels_;
  std::string sample_;
  storage::IssuedVoucher row_;
};

int Run(char** words) {
  const EchoKeys keys = MakeEchoKeys();
  EchoServer echo(keys);  // before anything of gRPC
  const int rounds = std::atoi(words[3]), count = std::atoi(words[4]);
  Bench bench(words, keys, echo);
  Rounds r;
  for (int i = 0; i < rounds; ++i) {
    bench.Round(kWarm + i * count, count, r);
  }
  const double value = 1 / Median(r.whole);
  const double sign = Median(r.sign), insert = Median(r.insert);
  const double echoed = Median(r.echo);
  const double limit = 1 / (sign + insert + echoed);
  constexpr double kMicro = 1e6;
  // Rounded down, so that a figure just below its target does not show it.
  std::printf(
      "stream_issue value=%.0f unit=1/s limit=%.0f ratio=%.2f note=\"limit: "
      "ECDSA_sign P-256 %.0f us, PostgreSQL's INSERT of 256 rows %.0f us a "
      "row, echo stream "
      "of %zu octets %.0f us; masad %.0f us, PostgreSQL %.0f us; %zu streams, "
      "%zu unanswered of each, %d rounds of %d; %.0f/s of wall time\"\n",
      value, limit, std::floor(100 * value / limit) / 100, kMicro * sign,
      kMicro * insert, bench.answer_size(), kMicro * echoed,
      kMicro * Median(r.masad), kMicro * Median(r.postgres), kStreams,
      kUnanswered, rounds, count, Median(r.per_second));
  return 0;
}

}  // namespace
}  // namespace masa

int main(int argc, char** argv) {
  if (argc == 8) {
    return masa::Run(argv);
  }
  std::fprintf(stderr, "stream_issue: see the head of its source\n");
  return 2;
}
