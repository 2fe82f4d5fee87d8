#include "services/masad/resource_metrics.h"

namespace masa::masad {

std::map<std::string, std::string> ChainsOf(const Setup& setup,
                                            const config::Roles& roles) {
  const masa::v1::Config& config = setup.config;
  std::map<std::string, std::string> chains;
  const auto add = [&](const std::string& role,
                       const masa::v1::TlsIdentity& identity) {
    if (!identity.chain_file().empty()) {
      chains[role] = config::Below(setup.folder, identity.chain_file());
    }
  };
  if (roles.edge) {
    for (const masa::v1::EdgeCertificate& one : config.edge().certificates()) {
      add("edge:" + (one.host_names_size() > 0 ? one.host_names(0) : ""),
          one.identity());
    }
    add("edge_to_authority", config.edge().authority().identity());
  }
  if (roles.authority) {
    add("internal", config.authority().internal().identity());
    add("api", config.authority().api().identity());
    add("authority_to_signer", config.authority().signer().identity());
  }
  if (roles.signer && !roles.authority) {
    add("signer", config.signer().listener().identity());
  }
  add("admin", config.admin().rpc().identity());
  return chains;
}

}  // namespace masa::masad
