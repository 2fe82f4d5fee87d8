#include "services/masad/test_masad.h"

#include <poll.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/read.hpp"
#include "boost/asio/write.hpp"
#include "nlohmann/json.hpp"

namespace masa::masad {
namespace {

constexpr char kBinary[] = "services/masad/masad";

std::string Identity(const std::string& name) {
  return absl::StrCat("{chain_file: secrets/", name, ".pem, key_file: secrets/",
                      name, ".key}");
}

std::string Peer(const std::string& from, const std::string& to, int port) {
  return absl::StrCat("{target: 127.0.0.1:", port, ", server_name: ", to,
                      ".masa.internal, identity: ", Identity(from),
                      ", roots_file: secrets/internal-root.pem}");
}

// One caller of a service between roles.
std::string Peered(const std::string& service, const std::string& caller) {
  return absl::StrCat("{service: masa.v1.", service, ", names: [", caller,
                      ".masa.internal]}");
}

std::string Listener(const std::string& name, const std::string& allowed,
                     int port) {
  return absl::StrCat("{listen: \"127.0.0.1:", port,
                      "\", identity: ", Identity(name),
                      ", client_roots_file: secrets/internal-root.pem, "
                      "allow: [",
                      allowed, "]}");
}

std::string Key(const std::string& name, const std::string& file,
                const std::string& kind = "VOUCHER_CMS",
                const std::string& more = "") {
  return absl::StrCat("{name: ", name, ", key_file: secrets/", file,
                      ".key, chain_file: secrets/", file, ".pem, kinds: [",
                      kind, "]", more, "}");
}

std::string Allowed(const std::string& service) {
  return absl::StrCat("{service: masa.v1.", service, ", names: [\"*\"]}");
}

std::string Customer(const std::string& name, const std::string& organization) {
  return absl::StrCat("    - {name: \"urn:masa:acme:", organization, ":", name,
                      "\", role: CUSTOMER, tenant_id: acme, organization_id: ",
                      organization, "}\n");
}

}  // namespace

std::string ConfigText(const ConfigParts& parts) {
  return absl::StrCat(
      "edge:\n  listen: 127.0.0.1:0\n  certificates:\n    - {host_names: "
      "[localhost, masa.example], identity: ",
      Identity("server"), "}\n", parts.more_certificates,
      "  authority: ", Peer("edge", "authority", parts.internal_port),
      "\nauthority:\n  internal: ",
      Listener("authority",
               Peered("RegistrarService", "edge") + ", " +
                   Peered("PledgeService", "edge"),
               0),
      "\n  api: {listen: \"127.0.0.1:0\", identity: ", Identity("server"),
      ", client_roots_file: secrets/clients-root.pem, allow: [",
      Allowed("DeviceService"), ", ", Allowed("VoucherService"), ", ",
      Allowed("AuditService"), ", ", Allowed("ApprovalService"), ", ",
      Allowed("TransferService"), ", ", Allowed("OwnershipService"), ", ",
      Allowed("KeyAdminService"), ", ", Allowed("VoucherJobService"), ", ",
      Allowed("GroupService"), ", ", Allowed("ReportService"),
      ", {service: google.longrunning.Operations, names: [\"*\"]}"
      ", {service: ovgs.v1.OwnershipVoucherService, names: [\"*\"]}]}\n"
      "  ovgs: {enabled: true}\n",
      parts.audit,
      "  callers:\n"
      "    - {name: edge.masa.internal, role: EDGE}\n"
      "    - {name: authority.masa.internal, role: AUTHORITY}\n"
      "    - {name: \"urn:masa:acme:operator:operator\", role: OPERATOR, "
      "tenant_id: acme}\n",
      Customer("owner", "org-acme"), Customer("stranger", "org-other"),
      parts.more_callers,
      "  signer: ", Peer("authority", "signer", parts.signer_port),
      "\nsigner:\n  listener: ",
      Listener("signer", Peered("SigningService", "authority"),
               parts.own_signer_port),
      "\n  local_keys: [",
      Key("acme-voucher", "voucher-p256", "VOUCHER_CMS", ", tenant_id: acme"),
      ", ", Key("acme-nonceless", "voucher-nonceless"), ", ",
      Key("acme-ownership", "ownership-p256", "OWNERSHIP_ROOT, MANIFEST"),
      ", {name: acme-audit, key_file: secrets/audit-ed25519.key, chain_file: "
      "sandbox/audit-log.pem, kinds: [CHECKPOINT]}",
      parts.more_keys, "]\n", parts.more_signer, "storage:\n  database_url: \"",
      parts.service_url, "\"\n  migration_url: \"", parts.migration_url,
      "\"\n  retention_url: \"", parts.migration_url, "\"\n",
      parts.more_storage,
      "admin:\n  listen: 127.0.0.1:0\n"
      "  rpc: {listen: \"127.0.0.1:0\", identity: ",
      Identity("server"),
      ", client_roots_file: secrets/clients-root.pem, allow: [{service: "
      "masa.v1.AdminService, names: [\"urn:masa:acme:operator:operator\"]}]}\n"
      "log: {level: info}\n");
}

MasadProcess::MasadProcess(const std::string& folder, const std::string& name,
                           const ConfigParts& parts,
                           const std::vector<std::string>& arguments)
    : config_file_(absl::StrCat(folder, "/", name, ".yaml")),
      log_file_(absl::StrCat(folder, "/", name, ".log")) {
  std::ofstream(config_file_) << ConfigText(parts);
  std::remove(log_file_.c_str());
  std::vector<std::string> words = {kBinary};
  words.insert(words.end(), arguments.begin(), arguments.end());
  words.insert(words.end(), {"--config", config_file_});
  process_ = std::make_unique<testing::ChildProcess>(words, log_file_);
}

std::string MasadProcess::LogText() const {
  std::ifstream file(log_file_);
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

bool MasadProcess::WaitUntilServing() {
  return Eventually([this] {
           return !process_->Runs() ||
                  absl::StrContains(LogText(), "\"serving\"");
         }) &&
         process_->Runs();
}

bool MasadProcess::WaitUntilReadyzIs(int status) {
  return Eventually([this, status] {
    return absl::StartsWith(AdminGet("/readyz"),
                            absl::StrCat("HTTP/1.1 ", status, " "));
  });
}

int MasadProcess::Port(const std::string& name) const {
  std::istringstream lines(LogText());
  int port = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto parsed = nlohmann::json::parse(line, nullptr, false);
    if (parsed.is_object() && parsed.value("message", "") == "serving") {
      (void)absl::SimpleAtoi(parsed.value(name, "0"), &port);
    }
  }
  return port;
}

std::string MasadProcess::AdminGet(const std::string& path) const {
  boost::system::error_code error;
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  socket.connect({boost::asio::ip::make_address("127.0.0.1"),
                  static_cast<uint16_t>(Port("admin_port"))},
                 error);
  std::string answer;
  if (!error) {
    boost::asio::write(
        socket,
        boost::asio::buffer(absl::StrCat(
            "GET ", path, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")),
        error);
    boost::asio::read(socket, boost::asio::dynamic_buffer(answer), error);
  }
  return answer;
}

bool Eventually(const std::function<bool()>& holds) {
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (!holds()) {
    if (absl::Now() > end) {
      return false;
    }
    poll(nullptr, 0, 20);
  }
  return true;
}

}  // namespace masa::masad
