#include "load-tests/owned_fleet.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "services/testing/test_pki.h"
#include "services/wire/certificate.h"

namespace masa {
namespace {

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) {
    std::fprintf(stderr, "resolve: cannot read %s\n", path.c_str());
    std::exit(1);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address,
                                         const std::string& roots_pem,
                                         const std::string& chain_pem,
                                         const std::string& key_pem) {
  grpc::ChannelArguments arguments;
  // Else they share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetSslTargetNameOverride("localhost");
  return grpc::CreateCustomChannel(
      address, grpc::SslCredentials({roots_pem, key_pem, chain_pem}),
      arguments);
}

}  // namespace

int MintFleet(const std::string& work) {
  std::ofstream organizations(work + "/organizations.csv");
  std::ofstream certs(work + "/domain_certs.csv");
  std::ofstream domains(work + "/domains.txt");
  for (int i = 0; i < kOwners; ++i) {
    testing::CertificateSpec spec;
    spec.common_name = "domain ca " + std::to_string(i);
    spec.not_before = absl::Now() - absl::Hours(24);
    spec.not_after = absl::Now() + absl::Hours(24 * 365);
    spec.is_ca = true;
    const std::string der = testing::MakeIdentity(spec).CertificateDer();
    const auto certificate = wire::Certificate::Parse(der);
    if (!certificate.ok()) {
      return 1;
    }
    const std::string hash =
        absl::BytesToHexString((*certificate)->spki_sha256);
    const std::string id = "fleet-" + std::to_string(i);
    organizations << id << ",Owner " << i << '\n';
    certs << id << ",cert-" << i << ",\\x" << hash << ",\\x"
          << absl::BytesToHexString(der) << '\n';
    domains << hash << '\n';
  }
  return organizations.good() && certs.good() && domains.good() ? 0 : 1;
}

std::vector<std::string> ReadDomains(const std::string& work) {
  std::ifstream file(work + "/domains.txt");
  std::vector<std::string> domains;
  for (std::string line; std::getline(file, line);) {
    domains.push_back(absl::HexStringToBytes(line));
  }
  return domains;
}

std::vector<masa::v1::ResolveOwnershipRequest> AskFleet(
    const std::vector<std::string>& domains, int devices, int count,
    unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> any(0, devices - 1);
  std::vector<masa::v1::ResolveOwnershipRequest> requests;
  for (int i = 0; i < count; ++i) {
    const int device = any(random);
    masa::v1::ResolveOwnershipRequest& request = requests.emplace_back();
    request.mutable_device()->set_serial_number(kFleetPrefix +
                                                std::to_string(device));
    request.mutable_registrar()->set_spki_sha256(
        domains[static_cast<size_t>(device) % domains.size()]);
  }
  return requests;
}

std::vector<std::shared_ptr<grpc::Channel>> SandboxChannels(
    const std::string& sandbox, const std::string& port, size_t count) {
  const std::string keys = sandbox + "/sandbox/";
  return OwnChannels(std::atoi(port.c_str()), Read(keys + "tls-root.pem"),
                     Read(keys + "operator.pem"), Read(keys + "operator.key"),
                     count);
}

std::shared_ptr<grpc::Channel> SandboxChannel(const std::string& sandbox,
                                              const std::string& address) {
  const std::string keys = sandbox + "/sandbox/";
  return ChannelTo(address, Read(keys + "tls-root.pem"),
                   Read(keys + "operator.pem"), Read(keys + "operator.key"));
}

std::vector<std::shared_ptr<grpc::Channel>> OwnChannels(
    int port, const std::string& roots_pem, const std::string& chain_pem,
    const std::string& key_pem, size_t count) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (size_t i = 0; i < count; ++i) {
    channels.push_back(ChannelTo("localhost:" + std::to_string(port), roots_pem,
                                 chain_pem, key_pem));
  }
  return channels;
}

}  // namespace masa
