#include "services/config/check_config.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace masa::config {
namespace {

class Checker {
 public:
  Checker(const std::string& folder, std::vector<std::string>* faults)
      : folder_(folder), faults_(faults) {}

  void Fault(const std::string& path, const std::string& what) {
    faults_->push_back(absl::StrCat(path, ": ", what));
  }

  void File(const std::string& path, const std::string& name) {
    if (name.empty()) {
      Fault(path, "a file is needed");
    } else if (access(Below(folder_, name).c_str(), R_OK) != 0) {
      Fault(path, absl::StrCat("the file cannot be read: ", name));
    }
  }

  void Listen(const std::string& path, const std::string& address) {
    const size_t colon = address.rfind(':');
    uint32_t port = 0;
    if (colon == std::string::npos || colon == 0 ||
        !absl::SimpleAtoi(address.substr(colon + 1), &port) || port > 65535) {
      Fault(path,
            absl::StrCat("not an address like 127.0.0.1:9443: ", address));
    }
  }

  void OneOf(const std::string& path, const std::string& name,
             const std::vector<std::string>& names) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      Fault(path,
            absl::StrCat("not one of", absl::StrJoin(names, " "), ": ", name));
    }
  }

  void Identity(const std::string& path, const masa::v1::TlsIdentity& tls) {
    File(path + ".chain_file", tls.chain_file());
    File(path + ".key_file", tls.key_file());
  }

  void Peer(const std::string& path, const masa::v1::Peer& peer) {
    if (peer.target().empty()) {
      Fault(path + ".target", "a target is needed");
    }
    Identity(path + ".identity", peer.identity());
    File(path + ".roots_file", peer.roots_file());
  }

  void Listener(const std::string& path, const masa::v1::GrpcListener& grpc) {
    Listen(path + ".listen", grpc.listen());
    Identity(path + ".identity", grpc.identity());
    File(path + ".client_roots_file", grpc.client_roots_file());
  }

 private:
  const std::string& folder_;
  std::vector<std::string>* faults_;
};

void CheckEdge(const masa::v1::EdgeConfig& edge, const Roles& roles,
               Checker* check) {
  check->Listen("edge.listen", edge.listen());
  if (!edge.status_listen().empty()) {
    check->Listen("edge.status_listen", edge.status_listen());
  }
  if (edge.certificates().empty()) {
    check->Fault("edge.certificates", "at least one certificate is needed");
  }
  for (int i = 0; i < edge.certificates_size(); ++i) {
    check->Identity(absl::StrCat("edge.certificates[", i, "].identity"),
                    edge.certificates(i).identity());
  }
  if (!roles.authority) {
    check->Peer("edge.authority", edge.authority());
  }
}

void CheckStorage(const masa::v1::StorageConfig& storage, Checker* check) {
  if (storage.database_url().empty()) {
    check->File("storage.database_url_file", storage.database_url_file());
  }
  constexpr uint32_t kHoursOfAYear = 366 * 24;
  if (storage.feed_kept_hours() > kHoursOfAYear) {
    check->Fault("storage.feed_kept_hours", "at most 8784");
  }
  if (storage.backup_longest_age_hours() > kHoursOfAYear) {
    check->Fault("storage.backup_longest_age_hours", "at most 8784");
  }
  const std::string& role = storage.service_role();
  if (!std::all_of(role.begin(), role.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_';
      })) {
    check->Fault("storage.service_role",
                 absl::StrCat("not a plain role name: ", role));
  }
}

void CheckOidc(const std::string& path, const masa::v1::OidcIssuer& oidc,
               Checker* check) {
  constexpr uint32_t kLongestLeeway = 300;
  if (oidc.issuer().empty() || oidc.audience().empty() ||
      oidc.tenant_id().empty()) {
    check->Fault(path, "issuer, audience and tenant_id are needed");
  }
  if (oidc.jwks_file().empty() == oidc.jwks_url().empty()) {
    check->Fault(path, "one of jwks_file and jwks_url is needed");
  }
  if (!oidc.jwks_file().empty()) {
    check->File(path + ".jwks_file", oidc.jwks_file());
  }
  if (!oidc.jwks_url().empty() &&
      !absl::StartsWith(oidc.jwks_url(), "http://") &&
      !absl::StartsWith(oidc.jwks_url(), "https://")) {
    check->Fault(path + ".jwks_url", "not an http:// or https:// URL");
  }
  if (!oidc.jwks_ca_file().empty()) {
    check->File(path + ".jwks_ca_file", oidc.jwks_ca_file());
  }
  if (oidc.organization_id().empty() == oidc.organization_claim().empty()) {
    check->Fault(path,
                 "one of organization_id and organization_claim is needed");
  }
  if (oidc.leeway_seconds() > kLongestLeeway) {
    check->Fault(path + ".leeway_seconds", "at most 300");
  }
}

void CheckWatch(const masa::v1::OwnershipWatch& watch, Checker* check) {
  const struct {
    const char* name;
    uint32_t value;
    uint32_t most;
  } limits[] = {
      {"heartbeat_seconds", watch.heartbeat_seconds(), 3600},
      {"longest_seconds", watch.longest_seconds(), 86'400},
      {"most_watchers", watch.most_watchers(), 10'000},
  };
  for (const auto& limit : limits) {
    if (limit.value > limit.most) {
      check->Fault(absl::StrCat("authority.ownership_watch.", limit.name),
                   absl::StrCat("at most ", limit.most));
    }
  }
}

void CheckAudit(const masa::v1::AuditLog& audit, Checker* check) {
  const bool is_set = !audit.signing_key().empty();
  if (is_set == audit.origin().empty()) {
    check->Fault("authority.audit", "signing_key and origin belong together");
  }
  if (!audit.mirror_folder().empty() && !is_set) {
    check->Fault("authority.audit.mirror_folder",
                 "nothing is kept there without a signing_key");
  }
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' ||
           c == '-' || c == '/';
  };
  if (!std::all_of(audit.origin().begin(), audit.origin().end(), is_plain) ||
      absl::StartsWith(audit.origin(), "/") ||
      absl::EndsWith(audit.origin(), "/") ||
      absl::StrContains(audit.origin(), "..") || audit.origin().size() > 100) {
    check->Fault("authority.audit.origin",
                 "letters, digits, '.', '-' and '/' between them are needed, "
                 "as masa.example/audit, 100 at most");
  }
  for (int i = 0; i < audit.accepted_losses_size(); ++i) {
    if (audit.accepted_losses(i).reason().empty()) {
      check->Fault(
          absl::StrCat("authority.audit.accepted_losses[", i, "].reason"),
          "a reason is needed, which becomes an audit event");
    }
  }
}

void CheckAuthority(const masa::v1::AuthorityConfig& authority,
                    const Roles& roles, Checker* check) {
  if (authority.has_internal()) {
    check->Listener("authority.internal", authority.internal());
  } else if (!roles.edge) {
    check->Fault("authority.internal", "an edge apart needs this listener");
  }
  if (authority.has_api()) {
    check->Listener("authority.api", authority.api());
  }
  for (int i = 0; i < authority.callers_size(); ++i) {
    const std::string& role = authority.callers(i).role();
    if (role != "EDGE" && role != "AUTHORITY" && role != "OPERATOR" &&
        role != "CUSTOMER") {
      check->Fault(
          absl::StrCat("authority.callers[", i, "].role"),
          absl::StrCat("not EDGE, AUTHORITY, OPERATOR or CUSTOMER: ", role));
    }
  }
  for (int i = 0; i < authority.oidc_size(); ++i) {
    CheckOidc(absl::StrCat("authority.oidc[", i, "]"), authority.oidc(i),
              check);
  }
  CheckWatch(authority.ownership_watch(), check);
  CheckAudit(authority.audit(), check);
  if (!roles.signer) {
    check->Peer("authority.signer", authority.signer());
  }
}

void CheckKinds(const std::string& path,
                const google::protobuf::RepeatedPtrField<std::string>& kinds,
                Checker* check) {
  constexpr absl::string_view kKnown[] = {
      "VOUCHER_CMS",         "VOUCHER_JWS", "VOUCHER_COSE",  "CERTIFICATE",
      "CERTIFICATE_REQUEST", "CRL",         "OCSP_RESPONSE", "CHECKPOINT",
      "OWNERSHIP_ROOT",      "MANIFEST",    "TEST"};
  for (const std::string& kind : kinds) {
    if (std::find(std::begin(kKnown), std::end(kKnown), kind) ==
        std::end(kKnown)) {
      check->Fault(
          path + ".kinds",
          absl::StrCat("not ", absl::StrJoin(kKnown, ", "), ": ", kind));
    }
  }
}

// Versions of a key are named by it, as KEY@NUMBER, also in files and in HSMs.
void CheckKeyName(const std::string& path, const std::string& name,
                  bool has_versions, Checker* check) {
  constexpr size_t kLongest = 64;
  constexpr char kPlain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  if (name.empty()) {
    check->Fault(path + ".name", "a name is needed");
  } else if (name.find('@') != std::string::npos) {
    check->Fault(path + ".name", "an @ is for the versions of keys");
  } else if (has_versions &&
             (name.front() == '.' || name.size() > kLongest ||
              name.find_first_not_of(kPlain) != std::string::npos)) {
    check->Fault(path + ".name",
                 "of a key with versions it has at most 64 letters, digits and "
                 "any of . _ -");
  }
}

void CheckLocalKey(const std::string& path, const masa::v1::LocalKey& key,
                   bool has_folder, Checker* check) {
  const bool has_versions = !key.tenant_id().empty() && has_folder;
  CheckKeyName(path, key.name(), has_versions, check);
  if (!has_versions || !key.key_file().empty() || !key.chain_file().empty()) {
    check->File(path + ".key_file", key.key_file());
    check->File(path + ".chain_file", key.chain_file());
  }
  if (!key.passphrase_file().empty()) {
    check->File(path + ".passphrase_file", key.passphrase_file());
  }
  CheckKinds(path, key.kinds(), check);
}

void CheckPkcs11Key(const std::string& path, const masa::v1::Pkcs11Key& key,
                    Checker* check) {
  const bool has_versions = !key.tenant_id().empty();
  CheckKeyName(path, key.name(), has_versions, check);
  if (key.id().size() % 2 != 0 ||
      key.id().find_first_not_of("0123456789abcdefABCDEF") !=
          std::string::npos) {
    check->Fault(path + ".id", "not pairs of hexadecimal digits");
  }
  if (!has_versions || !key.chain_file().empty()) {
    check->File(path + ".chain_file", key.chain_file());
  }
  CheckKinds(path, key.kinds(), check);
}

void CheckPkcs11(const masa::v1::Pkcs11& pkcs11, Checker* check) {
  constexpr int kMostTokens = 16;
  constexpr uint32_t kMostSessions = 256;
  if (pkcs11.module().empty() || pkcs11.module().front() != '/') {
    check->Fault("signer.pkcs11.module", "the whole path of a file is needed");
  }
  if (pkcs11.tokens().empty() || pkcs11.tokens_size() > kMostTokens) {
    check->Fault("signer.pkcs11.tokens", "one to 16 are needed");
  }
  for (int i = 0; i < pkcs11.tokens_size(); ++i) {
    const std::string path = absl::StrCat("signer.pkcs11.tokens[", i, "]");
    if (pkcs11.tokens(i).label().empty()) {
      check->Fault(path + ".label", "a label is needed");
    }
    check->File(path + ".pin_file", pkcs11.tokens(i).pin_file());
    if (pkcs11.tokens(i).sessions() > kMostSessions) {
      check->Fault(path + ".sessions", "at most 256");
    }
  }
  if (pkcs11.keys().empty()) {
    check->Fault("signer.pkcs11.keys", "at least one key is needed");
  }
  for (int i = 0; i < pkcs11.keys_size(); ++i) {
    CheckPkcs11Key(absl::StrCat("signer.pkcs11.keys[", i, "]"), pkcs11.keys(i),
                   check);
  }
}

void CheckLimits(const masa::v1::SignerConfig& signer, Checker* check) {
  bool is_any_daily = false;
  for (int i = 0; i < signer.limits_size(); ++i) {
    const masa::v1::KeyLimit& limit = signer.limits(i);
    is_any_daily |= limit.signatures_per_day() > 0;
    const auto is_it = [&limit](const auto& key) {
      return key.name() == limit.key();
    };
    if (std::none_of(signer.local_keys().begin(), signer.local_keys().end(),
                     is_it) &&
        std::none_of(signer.pkcs11().keys().begin(),
                     signer.pkcs11().keys().end(), is_it)) {
      check->Fault(absl::StrCat("signer.limits[", i, "].key"),
                   absl::StrCat("there is no key ", limit.key()));
    }
  }
  if (is_any_daily && signer.budget_folder().empty()) {
    check->Fault("signer.budget_folder", "a limit for a day needs a folder");
  }
  if (!signer.stopped_keys_file().empty()) {
    check->File("signer.stopped_keys_file", signer.stopped_keys_file());
  }
}

void CheckSigner(const masa::v1::SignerConfig& signer, const Roles& roles,
                 Checker* check) {
  if (!roles.authority) {
    check->Listener("signer.listener", signer.listener());
  }
  CheckLimits(signer, check);
  if (!signer.key_folder().empty()) {
    check->File("signer.key_folder", signer.key_folder());
    check->File("signer.key_passphrase_file", signer.key_passphrase_file());
  }
  if (signer.has_pkcs11()) {
    CheckPkcs11(signer.pkcs11(), check);
    if (!signer.local_keys().empty()) {
      check->Fault("signer", "keys are local or in an HSM, not both");
    }
    return;
  }
  if (signer.local_keys().empty()) {
    check->Fault("signer.local_keys", "at least one key is needed");
  }
  for (int i = 0; i < signer.local_keys_size(); ++i) {
    CheckLocalKey(absl::StrCat("signer.local_keys[", i, "]"),
                  signer.local_keys(i), !signer.key_folder().empty(), check);
  }
}

}  // namespace

std::string Below(const std::string& folder, const std::string& path) {
  return absl::StartsWith(path, "/") ? path : absl::StrCat(folder, "/", path);
}

std::vector<std::string> CheckConfig(const masa::v1::Config& config,
                                     const Roles& roles,
                                     const std::string& folder) {
  std::vector<std::string> faults;
  Checker check(folder, &faults);
  if (roles.edge) {
    CheckEdge(config.edge(), roles, &check);
  }
  if (roles.authority) {
    CheckStorage(config.storage(), &check);
    CheckAuthority(config.authority(), roles, &check);
  }
  if (roles.signer) {
    CheckSigner(config.signer(), roles, &check);
  }
  check.Listen("admin.listen", config.admin().listen());
  if (config.admin().has_rpc()) {
    check.Listener("admin.rpc", config.admin().rpc());
  }
  check.OneOf("log.level", config.log().level(),
              {"", "debug", "info", "warn", "error"});
  return faults;
}

}  // namespace masa::config
