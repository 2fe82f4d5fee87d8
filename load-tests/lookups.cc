// For the figure lookup_growth (sandbox.md, Figures): the CPU time that masad
// and its PostgreSQL take for one lookup of a device, over mutual TLS.
//
//   lookups SANDBOX PORT PREFIX DEVICES COUNT MASAD POSTGRES
//     looks COUNT devices up, called PREFIX0 to PREFIX(DEVICES-1), in an order
//     that is the same each time; prints microseconds for each. The last two
//     are process ids.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "load-tests/process_cpu.h"
#include "proto/masa/v1/device.grpc.pb.h"

namespace masa {
namespace {

constexpr int kThreads = 64;  // so many lookups are outstanding

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) {
    std::fprintf(stderr, "lookups: cannot read %s\n", path.c_str());
    std::exit(1);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

// Looks `count` devices up, all threads together; false when one was missing.
bool LookUp(masa::v1::DeviceService::Stub& stub, const std::string& prefix,
            int devices, int count, unsigned seed) {
  std::atomic<int> left = count;
  std::atomic<bool> found = true;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(seed + static_cast<unsigned>(i));
      std::uniform_int_distribution<int> any(0, devices - 1);
      while (left.fetch_sub(1) > 0) {
        masa::v1::GetDeviceRequest request;
        request.mutable_device()->set_serial_number(
            prefix + std::to_string(any(random)));
        masa::v1::GetDeviceResponse response;
        grpc::ClientContext call;
        call.set_deadline(std::chrono::system_clock::now() +
                          std::chrono::seconds(30));
        if (!stub.GetDevice(&call, request, &response).ok()) {
          found = false;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return found;
}

int Run(char** words) {
  const std::string keys = std::string(words[1]) + "/sandbox/";
  const auto stub = masa::v1::DeviceService::NewStub(
      grpc::CreateChannel("localhost:" + std::string(words[2]),
                          grpc::SslCredentials({Read(keys + "tls-root.pem"),
                                                Read(keys + "operator.key"),
                                                Read(keys + "operator.pem")})));
  const std::string prefix = words[3];
  const int devices = std::atoi(words[4]);
  const int count = std::atoi(words[5]);
  const int masad = std::atoi(words[6]);
  const int postgres = std::atoi(words[7]);
  // Plans, caches and connections are there before it counts.
  bool found = LookUp(*stub, prefix, devices, count / 4, 1);
  const double before = CpuSecondsOf(masad) + CpuSecondsWithChildren(postgres);
  found = found && LookUp(*stub, prefix, devices, count, 1000);
  const double used =
      CpuSecondsOf(masad) + CpuSecondsWithChildren(postgres) - before;
  if (!found) {
    std::fprintf(stderr, "lookups: a device is not there\n");
    return 1;
  }
  std::printf("%.2f\n", used / count * 1e6);
  return 0;
}

}  // namespace
}  // namespace masa

int main(int argc, char** argv) {
  if (argc != 8) {
    std::fprintf(stderr,
                 "usage: lookups SANDBOX PORT PREFIX DEVICES COUNT MASAD "
                 "POSTGRES\n");
    return 2;
  }
  return masa::Run(argv);
}
