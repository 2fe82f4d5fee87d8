// The figures requestvoucher_cms, _jws and _cose (sandbox.md, Figures): what a
// running sandbox makes of fresh devices' requests, per second of CPU that
// masad and its PostgreSQL used, against the signatures that one request needs
// by BoringSSL's own calls.
//
//   request_voucher mint WORK COUNT
//     writes WORK/devices.csv, and WORK/issuer-N.{pem,key}: 4 IDevID CAs
//   request_voucher run FORMAT SANDBOX WORK FIRST COUNT PORT MASAD POSTGRES
//     asks for devices FIRST to FIRST+COUNT; the last two are process ids
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "load-tests/minted_requests.h"
#include "load-tests/process_cpu.h"
#include "load-tests/signature_cost.h"
#include "services/testing/files.h"
#include "services/testing/https_client.h"

namespace masa {
namespace {

using testing::Container;

constexpr int kRegistrars = 200;
constexpr int kThreads = 64;  // so many requests are outstanding
// Not measured: the service knows each registrar's chain and key, as one does
// that runs for longer than a benchmark (services/adr/0007).
constexpr int kWarmUp = 15 * kRegistrars;

// A benchmark whose own work failed has no figure to show.
void Require(bool held, const std::string& what) {
  if (!held) {
    std::fprintf(stderr, "request_voucher: %s\n", what.c_str());
    std::exit(1);
  }
}

// What part of the requests each registrar has: in proportion to 1 / (k + 1).
std::vector<double> ZipfShares() {
  std::vector<double> shares;
  double sum = 0;
  for (int k = 0; k < kRegistrars; ++k) {
    shares.push_back(1.0 / (k + 1));
    sum += shares.back();
  }
  for (double& share : shares) {
    share /= sum;
  }
  return shares;
}

// The registrars in turn to warm up, then each as often as its share.
std::vector<int> Choices(int count) {
  const std::vector<double> weights = ZipfShares();
  std::mt19937 random(1);
  std::discrete_distribution<int> zipf(weights.begin(), weights.end());
  std::vector<int> choices;
  for (int i = 0; i < count; ++i) {
    choices.push_back(i < kWarmUp ? i % kRegistrars : zipf(random));
  }
  return choices;
}

// The load: connections that stay, as many to a registrar as its share of the
// threads, so that a busy one does not wait for itself; and the threads that
// use them, each with about the same to do.
class Load {
 public:
  Load(Container container, const std::string& sandbox, int port,
       std::vector<Domain> domains)
      : container_(container), domains_(std::move(domains)) {
    const auto root = testing::ReadIdentity(sandbox + "/sandbox/tls-root.pem",
                                            sandbox + "/secrets/tls-root.key");
    Require(root.ok(), "the sandbox's TLS root cannot be read");
    server_.port = port;
    server_.roots_der = {root->CertificateDer()};
  }

  void Connect() {
    const std::vector<double> shares = ZipfShares();
    std::vector<double> busy(kThreads);
    for (int k = 0; k < kRegistrars; ++k) {
      const int count = static_cast<int>(std::ceil(shares[k] * kThreads));
      for (int i = 0; i < count; ++i) {
        const auto idlest = std::min_element(busy.begin(), busy.end());
        *idlest += shares[k] / count;
        connections_[k].push_back(
            {Open(domains_[k]), static_cast<int>(idlest - busy.begin())});
      }
    }
  }

  // Sends all, each over a connection of its registrar.
  void Send(const std::vector<std::pair<int, std::string>>& requests) {
    using Task = std::pair<testing::HttpsClient*, const std::string*>;
    std::vector<std::vector<Task>> tasks(kThreads);
    std::map<int, size_t> next;
    for (const auto& [registrar, body] : requests) {
      const auto& of = connections_.at(registrar);
      const Connection& one = of[next[registrar]++ % of.size()];
      tasks[one.thread].emplace_back(one.client.get(), &body);
    }
    std::vector<std::thread> threads;
    for (const auto& list : tasks) {
      threads.emplace_back([this, &list] {
        for (const auto& [client, body] : list) {
          Post(*client, *body);
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

 private:
  struct Connection {
    std::unique_ptr<testing::HttpsClient> client;
    int thread;
  };

  std::unique_ptr<testing::HttpsClient> Open(const Domain& domain) {
    testing::HttpsClientOptions options;
    options.identity = domain.registrar;
    auto client = testing::HttpsClient::Connect(server_, options);
    Require(client.ok(), "no connection: " + client.status().ToString());
    return *std::move(client);
  }

  void Post(testing::HttpsClient& client, const std::string& body) {
    testing::HttpRequest request;
    request.target = "/.well-known/brski/requestvoucher";
    request.headers["Content-Type"] = testing::MediaType(container_);
    request.body = body;
    const auto answer = client.Send(request);
    Require(answer.ok(), answer.status().ToString());
    Require(answer->status == 200,
            std::to_string(answer->status) + " " + answer->body);
  }

  const Container container_;
  const std::vector<Domain> domains_;
  testing::HttpsServer server_;
  std::map<int, std::vector<Connection>> connections_;
};

int Run(const std::string& format, const std::string& sandbox,
        const std::string& work, int first, int count, int port, int masad,
        int postgres) {
  const std::map<std::string, Container> containers = {
      {"cms", Container::kCms},
      {"jws", Container::kJws},
      {"cose", Container::kCose}};
  Require(containers.count(format) == 1, "no such format");
  const Container container = containers.at(format);
  const auto issuers = ReadIssuers(work);
  Require(issuers.ok(), "an IDevID CA cannot be read; mint first");
  const std::vector<Domain> domains = MakeDomains(kRegistrars);
  const std::vector<int> choices = Choices(count);
  std::vector<std::pair<int, std::string>> warm_up, measured;
  for (int i = 0; i < count; ++i) {
    auto& list = i < kWarmUp ? warm_up : measured;
    list.emplace_back(choices[i],
                      MakeRequest(container, first + i, domains[choices[i]],
                                  (*issuers)[i % issuers->size()]));
  }
  Load load(container, sandbox, port, domains);
  load.Connect();
  load.Send(warm_up);
  const double before = CpuSecondsOf(masad) + CpuSecondsWithChildren(postgres);
  const absl::Time start = absl::Now();
  load.Send(measured);
  const double wall = absl::ToDoubleSeconds(absl::Now() - start);
  const double cpu =
      CpuSecondsOf(masad) + CpuSecondsWithChildren(postgres) - before;
  const SignatureCost cost = MeasureP256();
  const double value = static_cast<double>(measured.size()) / cpu;
  // The registrar's and the pledge's signature, the IDevID's by its issuer,
  // and the voucher's; what is the same in each request is known already.
  const double limit = 1 / (3 * cost.verify_seconds + cost.sign_seconds);
  // Rounded down, so that a figure just below its target does not show it.
  std::printf(
      "requestvoucher_%s value=%.0f unit=1/s limit=%.0f ratio=%.2f "
      "note=\"3 ECDSA_verify and 1 ECDSA_sign P-256 by BoringSSL; %zu "
      "requests, "
      "%d registrars, %d issuers, %d outstanding, after %d requests of each; "
      "%.0f/s of wall time; CPU of masad and PostgreSQL\"\n",
      format.c_str(), value, limit, std::floor(100 * value / limit) / 100,
      measured.size(), kRegistrars, static_cast<int>(issuers->size()), kThreads,
      kWarmUp / kRegistrars, measured.size() / wall);
  return 0;
}

}  // namespace
}  // namespace masa

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 3 && words[0] == "mint") {
    return masa::MintDevices(words[1], std::atoi(argv[3]));
  }
  if (words.size() == 9 && words[0] == "run") {
    return masa::Run(words[1], words[2], words[3], std::atoi(argv[5]),
                     std::atoi(argv[6]), std::atoi(argv[7]), std::atoi(argv[8]),
                     std::atoi(argv[9]));
  }
  std::fprintf(stderr, "request_voucher: see the head of its source\n");
  return 2;
}
