// Devices with owners, for the figures resolve_unary and resolve_plural: 200
// customers with a domain certificate each, and devices that are theirs in
// turn. The rows of the devices themselves are made by the database
// (resolve.sh).
#ifndef LOAD_TESTS_OWNED_FLEET_H_
#define LOAD_TESTS_OWNED_FLEET_H_

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/channel.h"
#include "proto/masa/v1/device.pb.h"

namespace masa {

inline constexpr int kOwners = 200;
inline constexpr char kFleetPrefix[] = "RESOLVE-";

// Writes WORK/organizations.csv, WORK/domain_certs.csv, and for the client
// WORK/domains.txt: a key's hash in hex per line. 0, or an exit status.
int MintFleet(const std::string& work);

// Hashes of the owners' keys, out of WORK/domains.txt.
std::vector<std::string> ReadDomains(const std::string& work);

// `count` questions by the owners' registrars about devices out of the first
// `devices`, the same each time for one seed.
std::vector<masa::v1::ResolveOwnershipRequest> AskFleet(
    const std::vector<std::string>& domains, int devices, int count,
    unsigned seed);

// `count` channels, each with a connection of its own, to masad's `api`
// listener of a sandbox, as its operator.
std::vector<std::shared_ptr<grpc::Channel>> SandboxChannels(
    const std::string& sandbox, const std::string& port, size_t count);
// One channel to that listener at HOST:PORT, whatever the host is called.
std::shared_ptr<grpc::Channel> SandboxChannel(const std::string& sandbox,
                                              const std::string& address);
// The same to any server.
std::vector<std::shared_ptr<grpc::Channel>> OwnChannels(
    int port, const std::string& roots_pem, const std::string& chain_pem,
    const std::string& key_pem, size_t count);

}  // namespace masa

#endif  // LOAD_TESTS_OWNED_FLEET_H_
