#include "services/masad/edge_part.h"

#include <algorithm>
#include <thread>

#include "absl/strings/numbers.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::masad {

int EdgeThreads(bool authority_is_here) {
  const int processors = static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, authority_is_here ? processors / 2 : processors);
}

int EdgeLoops(const masa::v1::EdgeConfig& config, bool authority_is_here) {
  return config.threads() == 0 ? EdgeThreads(authority_is_here)
                               : static_cast<int>(config.threads());
}

absl::StatusOr<std::vector<edge::TlsIdentity>> EdgeIdentities(
    const Setup& setup) {
  std::vector<edge::TlsIdentity> identities;
  for (const masa::v1::EdgeCertificate& entry :
       setup.config.edge().certificates()) {
    edge::TlsIdentity& identity = identities.emplace_back();
    identity.host_names.assign(entry.host_names().begin(),
                               entry.host_names().end());
    MASA_ASSIGN_OR_RETURN(identity.chain_pem,
                          TextOf(setup, entry.identity().chain_file()));
    MASA_ASSIGN_OR_RETURN(identity.key_pem,
                          TextOf(setup, entry.identity().key_file()));
  }
  return identities;
}

absl::StatusOr<fetch::AddressGuard> ProxiesOf(
    const masa::v1::EdgeConfig& config) {
  return fetch::AddressGuard::CreateClosed(
      {config.proxy_networks().begin(), config.proxy_networks().end()});
}

absl::StatusOr<std::unique_ptr<edge::HttpsEdge>> BuildEdge(
    const Setup& setup, int loops, issuance::RegistrarDesk& desk,
    Executor& executor, EdgeEvents& events,
    issuance::EnrollmentDesk* enrollment, issuance::PledgeDesk* pledges) {
  const masa::v1::EdgeConfig& config = setup.config.edge();
  edge::EdgeOptions options;
  const size_t colon = config.listen().rfind(':');
  uint32_t port = 0;
  options.address = config.listen().substr(0, colon);
  if (absl::SimpleAtoi(config.listen().substr(colon + 1), &port)) {
    options.port = static_cast<uint16_t>(port);
  }
  MASA_ASSIGN_OR_RETURN(options.identities, EdgeIdentities(setup));
  if (config.max_body_bytes() != 0) {
    options.limits.body_bytes = config.max_body_bytes();
  }
  options.limits.source_rate = {config.source_limit().requests_per_minute(),
                                config.source_limit().burst()};
  options.limits.source_connections = config.source_limit().connections();
  if (config.max_connections() != 0) {
    options.limits.connections = config.max_connections();
  }
  MASA_ASSIGN_OR_RETURN(options.proxies, ProxiesOf(config));
  options.threads = loops;
  options.client_certificate_required = config.client_certificate_required();
  options.base_paths.insert(options.base_paths.end(),
                            config.base_paths().begin(),
                            config.base_paths().end());
  return edge::HttpsEdge::New(std::move(options), &desk, &executor, &events,
                              enrollment, pledges);
}

absl::StatusOr<std::unique_ptr<edge::StatusServer>> BuildStatusServer(
    const Setup& setup, issuance::StatusDesk& desk, Executor& executor,
    const Clock& clock) {
  const std::string& listen = setup.config.edge().status_listen();
  if (listen.empty()) {
    return std::unique_ptr<edge::StatusServer>();
  }
  edge::StatusOptions options;
  options.listen = listen;
  options.source_connections = setup.config.edge().source_limit().connections();
  MASA_ASSIGN_OR_RETURN(options.proxies, ProxiesOf(setup.config.edge()));
  return edge::StatusServer::New(std::move(options), desk, executor, clock);
}

absl::StatusOr<std::unique_ptr<EvidencePart>> EvidencePart::New(
    const Setup& setup, issuance::RegistrarDesk& desk, Executor& executor) {
  const masa::v1::Fetch& config = setup.config.edge().fetch();
  MASA_ASSIGN_OR_RETURN(
      fetch::AddressGuard guard,
      fetch::AddressGuard::Create({config.allowed_networks().begin(),
                                   config.allowed_networks().end()}));
  return std::unique_ptr<EvidencePart>(
      new EvidencePart(std::move(guard), desk, config.off(), executor));
}

absl::StatusOr<std::unique_ptr<RemoteDesk>> RemoteDesk::New(
    const Setup& setup) {
  MASA_ASSIGN_OR_RETURN(const rpc::ChannelOptions options,
                        ChannelOf(setup, setup.config.edge().authority()));
  return std::unique_ptr<RemoteDesk>(new RemoteDesk(rpc::MakeChannel(options)));
}

absl::Status RemoteDesk::Ready() {
  return rpc::IsReachable(*channel_, absl::Seconds(1))
             ? absl::OkStatus()
             : Refuse(Reason::kOverloaded, "no authority answers");
}

}  // namespace masa::masad
