// The figures resolve_unary and resolve_plural (sandbox.md, Figures): what a
// running sandbox says of devices and domains, against the least that such
// answers cost.
//
//   resolve mint WORK
//     writes what resolve.sh loads: customers with their domain certificates
//   resolve unary SANDBOX WORK PORT DEVICES SECONDS
//     single look-ups, 64 outstanding, in turns with a bare gRPC echo
//   resolve plural SANDBOX WORK PORT DEVICES SECONDS DATABASE
//     calls of 500, in turns with the same prepared query over bare libpq
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "grpcpp/generic/generic_stub.h"
#include "load-tests/bare_query.h"
#include "load-tests/closed_loop.h"
#include "load-tests/echo_server.h"
#include "load-tests/owned_fleet.h"
#include "proto/masa/v1/device.grpc.pb.h"

namespace masa {
namespace {

using masa::v1::OwnershipService;
using masa::v1::ResolveOwnershipRequest;
using masa::v1::ResolveOwnershipResponse;
using masa::v1::ResolveOwnershipsRequest;
using masa::v1::ResolveOwnershipsResponse;
using Stubs = std::vector<std::unique_ptr<OwnershipService::Stub>>;
using PluralLoop = ClosedLoop<grpc::ByteBuffer, grpc::ByteBuffer>;
using UnaryLoop = ClosedLoop<ResolveOwnershipRequest, ResolveOwnershipResponse>;

constexpr int kRounds = 5;
constexpr size_t kConnections = 4;
constexpr size_t kOutstanding = 64;
constexpr int kQuestions = 20'000;
constexpr size_t kPluralOutstanding = 8;
constexpr int kDevicesOfCall = 500;
constexpr int kCalls = 200;

void Require(bool held, const std::string& what) {
  if (!held) {
    std::fprintf(stderr, "resolve: %s\n", what.c_str());
    std::exit(1);
  }
}

Stubs StubsOf(const std::vector<std::shared_ptr<grpc::Channel>>& channels) {
  Stubs stubs;
  for (const auto& channel : channels) {
    stubs.push_back(OwnershipService::NewStub(channel));
  }
  return stubs;
}

bool IsOwner(const ResolveOwnershipResponse& response) {
  return response.decision() == ResolveOwnershipResponse::DECISION_ALLOW;
}

UnaryLoop LoopOf(const Stubs& stubs,
                 const std::vector<ResolveOwnershipRequest>& requests) {
  return UnaryLoop(
      requests,
      [&stubs](size_t connection, grpc::ClientContext* context,
               const ResolveOwnershipRequest* request,
               ResolveOwnershipResponse* response,
               std::function<void(grpc::Status)> done) {
        stubs[connection]->async()->ResolveOwnership(context, request, response,
                                                     std::move(done));
      },
      [](const ResolveOwnershipResponse& response) {
        return IsOwner(response) ? "" : response.ShortDebugString();
      });
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Figure and limit in turns, so that a noisy neighbour meets both.
struct Turns {
  std::vector<double> rates, p99s;

  void Add(const LoadResult& result, const char* what) {
    Require(result.fault.empty(), std::string(what) + ": " + result.fault);
    rates.push_back(result.per_second);
    p99s.push_back(result.p99_ms);
  }
};

// What masad answers to the first question.
ResolveOwnershipResponse Sample(OwnershipService::Stub& stub,
                                const ResolveOwnershipRequest& request) {
  grpc::ClientContext call;
  call.set_wait_for_ready(true);
  ResolveOwnershipResponse response;
  const grpc::Status status = stub.ResolveOwnership(&call, request, &response);
  Require(status.ok() && IsOwner(response),
          "the fleet is not there: " + status.error_message());
  return response;
}

int Unary(char** words) {
  const EchoKeys keys = MakeEchoKeys();
  EchoServer server(keys);  // before anything of gRPC
  const std::chrono::duration<double> seconds(std::atof(words[6]));
  const auto requests =
      AskFleet(ReadDomains(words[3]), std::atoi(words[5]), kQuestions, 1);
  const Stubs masad =
      StubsOf(SandboxChannels(words[2], words[4], kConnections));
  const ResolveOwnershipResponse sample = Sample(*masad[0], requests[0]);
  const int port = server.Serve(sample.SerializeAsString());
  const Stubs echo = StubsOf(OwnChannels(port, keys.ca.CertificatePem(),
                                         keys.client.CertificatePem(),
                                         keys.client.KeyPem(), kConnections));
  UnaryLoop figure = LoopOf(masad, requests);
  UnaryLoop limit = LoopOf(echo, requests);
  // Plans, caches and connections are there before it counts.
  figure.Run(kConnections, kOutstanding, seconds);
  limit.Run(kConnections, kOutstanding, seconds / 2);
  Turns figures, limits;
  for (int i = 0; i < kRounds; ++i) {
    figures.Add(figure.Run(kConnections, kOutstanding, seconds), "masad");
    limits.Add(limit.Run(kConnections, kOutstanding, seconds), "echo");
  }
  const double rate = Median(figures.rates), most = Median(limits.rates);
  const double p99 = Median(figures.p99s), least = Median(limits.p99s);
  std::printf(
      "resolve_unary value=%.0f unit=1/s limit=%.0f ratio=%.2f note=\"bare "
      "gRPC echo of %zu and %zu octets, %zu outstanding over %zu TLS "
      "connections; p99 %.1f ms, the echo's %.1f ms, %.2f times\"\n",
      rate, most, rate / most, requests[0].ByteSizeLong(),
      sample.ByteSizeLong(), kOutstanding, kConnections, p99, least,
      p99 / least);
  return 0;
}

// Rows of the bare query are not read either: one answer in so many is.
constexpr int kChecked = 64;

std::string CheckAllOwners(const grpc::ByteBuffer& octets) {
  static std::atomic<int> answers = 0;
  if (answers.fetch_add(1) % kChecked != 0) {
    return "";
  }
  grpc::ByteBuffer copy(octets);
  ResolveOwnershipsResponse response;
  const bool parsed =
      grpc::SerializationTraits<ResolveOwnershipsResponse>::Deserialize(
          &copy, &response)
          .ok();
  const bool all =
      parsed && response.results_size() == kDevicesOfCall &&
      std::all_of(response.results().begin(), response.results().end(),
                  [](const auto& result) { return IsOwner(result.value()); });
  return all ? "" : "not all devices are their owner's";
}

std::vector<ResolveOwnershipsRequest> CallsOf(
    const std::vector<ResolveOwnershipRequest>& requests) {
  std::vector<ResolveOwnershipsRequest> calls;
  for (size_t i = 0; i < requests.size(); ++i) {
    if (i % kDevicesOfCall == 0) {
      calls.emplace_back();
    }
    *calls.back().add_requests() = requests[i];
  }
  return calls;
}

int Plural(char** words) {
  const std::chrono::duration<double> seconds(std::atof(words[6]));
  const auto calls = CallsOf(AskFleet(
      ReadDomains(words[3]), std::atoi(words[5]), kCalls * kDevicesOfCall, 2));
  std::vector<grpc::ByteBuffer> octets(calls.size());
  for (size_t i = 0; i < calls.size(); ++i) {
    const std::string bytes = calls[i].SerializeAsString();
    grpc::Slice slice(bytes);
    octets[i] = grpc::ByteBuffer(&slice, 1);
  }
  std::vector<std::unique_ptr<grpc::GenericStub>> masad;
  for (const auto& channel :
       SandboxChannels(words[2], words[4], kConnections)) {
    masad.push_back(std::make_unique<grpc::GenericStub>(channel));
  }
  const BareQuery bare(words[7], "acme", calls);
  PluralLoop figure(
      octets,
      [&masad](size_t connection, grpc::ClientContext* context,
               const grpc::ByteBuffer* request, grpc::ByteBuffer* response,
               std::function<void(grpc::Status)> done) {
        masad[connection]->UnaryCall(
            context, "/masa.v1.OwnershipService/ResolveOwnerships", {}, request,
            response, std::move(done));
      },
      CheckAllOwners);
  figure.Run(kConnections, kPluralOutstanding, seconds);
  bare.Run(kPluralOutstanding, seconds / 2);
  Turns figures;
  std::vector<double> limits;
  for (int i = 0; i < kRounds; ++i) {
    figures.Add(figure.Run(kConnections, kPluralOutstanding, seconds), "masad");
    limits.push_back(bare.Run(kPluralOutstanding, seconds));
  }
  const double rate = Median(figures.rates) * kDevicesOfCall;
  const double most = Median(limits) * kDevicesOfCall;
  std::printf(
      "resolve_plural value=%.0f unit=1/s limit=%.0f ratio=%.2f note=\"devices "
      "out of %s in calls of %d, %zu outstanding; the same prepared query over "
      "bare libpq, as many connections\"\n",
      rate, most, rate / most, words[5], kDevicesOfCall, kPluralOutstanding);
  return 0;
}

}  // namespace
}  // namespace masa

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "mint" && argc == 3) {
    return masa::MintFleet(argv[2]);
  }
  if (mode == "unary" && argc == 7) {
    return masa::Unary(argv);
  }
  if (mode == "plural" && argc == 8) {
    return masa::Plural(argv);
  }
  std::fprintf(
      stderr,
      "usage: resolve mint WORK\n"
      "       resolve unary SANDBOX WORK PORT DEVICES SECONDS\n"
      "       resolve plural SANDBOX WORK PORT DEVICES SECONDS DATABASE\n");
  return 2;
}
