// The figure est_enroll (sandbox.md, Figures): what a running sandbox makes of
// a factory line's requests for new devices, each committed with its device
// and its events, per second of CPU that masad and its PostgreSQL used, against
// the signature that must be verified and the one that must be made for each.
//
//   est_enroll SANDBOX COUNT PORT MASAD POSTGRES
//     the last two are process ids
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "load-tests/est_client.h"
#include "load-tests/process_cpu.h"
#include "load-tests/signature_cost.h"

namespace masa {
namespace {

constexpr int kConnections = 64;  // so many requests are outstanding
constexpr int kWarmUp = 10 * kConnections;

// A benchmark whose own work failed has no figure to show.
void Require(bool held, const std::string& what) {
  if (!held) {
    std::fprintf(stderr, "est_enroll: %s\n", what.c_str());
    std::exit(1);
  }
}

using Connections = std::vector<std::unique_ptr<testing::HttpsClient>>;

Connections Connect(const EstClient& line) {
  Connections connections;
  for (int i = 0; i < kConnections; ++i) {
    auto client = line.Connect();
    Require(client.ok(), "no connection: " + client.status().ToString());
    connections.push_back(*std::move(client));
  }
  return connections;
}

// Made before anything is measured.
std::vector<std::string> Bodies(int first, int count) {
  std::vector<std::string> bodies;
  for (int i = first; i < first + count; ++i) {
    bodies.push_back(EnrollmentBody(absl::StrCat("LINE-", i)));
  }
  return bodies;
}

// All of them, each once, as many to a connection as to the next.
void Send(Connections& connections, const std::vector<std::string>& bodies) {
  std::vector<std::thread> threads;
  for (size_t c = 0; c < connections.size(); ++c) {
    threads.emplace_back([&connections, &bodies, c] {
      for (size_t i = c; i < bodies.size(); i += connections.size()) {
        const auto answer = Enroll(*connections[c], bodies[i]);
        Require(answer.ok(), answer.status().ToString());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

int Run(const std::string& sandbox, int count, int port, int masad,
        int postgres) {
  const auto line = EstClient::New(sandbox, port);
  Require(line.ok(), "the sandbox's line cannot be read");
  Connections connections = Connect(*line);
  Send(connections, Bodies(0, kWarmUp));
  const auto bodies = Bodies(kWarmUp, count);
  const double before = CpuSecondsOf(masad) + CpuSecondsWithChildren(postgres);
  const double masad_before = CpuSecondsOf(masad);
  const absl::Time start = absl::Now();
  Send(connections, bodies);
  const double wall = absl::ToDoubleSeconds(absl::Now() - start);
  const double cpu =
      CpuSecondsOf(masad) + CpuSecondsWithChildren(postgres) - before;
  const double masad_cpu = CpuSecondsOf(masad) - masad_before;
  const SignatureCost cost = MeasureP256();
  const double value = count / cpu;
  const double limit = 1 / (cost.verify_seconds + cost.sign_seconds);
  // Rounded down, so that a figure just below its target does not show it.
  std::printf(
      "est_enroll value=%.0f unit=1/s limit=%.0f ratio=%.2f "
      "note=\"1 ECDSA_verify and 1 ECDSA_sign P-256 by BoringSSL; %d devices, "
      "%d connections with mutual TLS; %.0f/s of wall time; CPU of masad and "
      "PostgreSQL, %.0f%% of it masad's\"\n",
      value, limit, std::floor(100 * value / limit) / 100, count, kConnections,
      count / wall, 100 * masad_cpu / cpu);
  return 0;
}

}  // namespace
}  // namespace masa

int main(int argc, char** argv) {
  if (argc == 6) {
    return masa::Run(argv[1], std::atoi(argv[2]), std::atoi(argv[3]),
                     std::atoi(argv[4]), std::atoi(argv[5]));
  }
  std::fprintf(stderr, "est_enroll: see the head of its source\n");
  return 2;
}
