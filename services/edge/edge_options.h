// What an HTTPS face is made with. A value; zero fields have working defaults.
#ifndef SERVICES_EDGE_EDGE_OPTIONS_H_
#define SERVICES_EDGE_EDGE_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/edge/source_limits.h"
#include "services/fetch/address_guard.h"

namespace masa::edge {

// One certificate with the names (SNI) that it is shown under. Names are lower
// case. A session is resumed only under the identity that began it.
struct TlsIdentity {
  std::vector<std::string> host_names;
  std::string chain_pem;  // leaf first
  std::string key_pem;    // PKCS#8, unencrypted
};

// What a stranger may use up.
struct EdgeLimits {
  uint32_t header_bytes = 16 * 1024;  // beyond: 431
  uint64_t body_bytes = 64 * 1024;    // beyond: 413 (EP-43)
  size_t connections = 4096;          // beyond: closed at once
  absl::Duration handshake_time = absl::Seconds(10);
  absl::Duration header_time = absl::Seconds(10);  // first byte to last
  absl::Duration body_time = absl::Seconds(20);
  absl::Duration write_time = absl::Seconds(20);
  absl::Duration idle_time = absl::Seconds(60);   // between requests
  absl::Duration linger_time = absl::Seconds(2);  // for the client to close
  SourceRate source_rate;  // of one address: 429 (SE-01); none when zero
  // Of one address at once; beyond: closed at once. None when zero.
  size_t source_connections = 0;
};

struct EdgeOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;                    // 0: any; HttpsEdge::port() says which
  std::vector<TlsIdentity> identities;  // at least one; the first is default
  // Ends handshakes that show no client certificate; any will do (TR-22).
  bool client_certificate_required = false;
  EdgeLimits limits;
  // Balancers that begin each connection with a PROXY header, version 2; from
  // others none is read.
  fetch::AddressGuard proxies = fetch::AddressGuard::Nobody();
  // Where the BRSKI resources stand (TR-02). Each begins with '/' and does not
  // end with one.
  std::vector<std::string> base_paths = {"/.well-known/brski"};
  int threads = 2;  // I/O only, a loop each; what blocks runs on the executor
  absl::Duration call_time = absl::Seconds(15);   // deadline of one request
  absl::Duration retry_after = absl::Seconds(2);  // said on 503 and 429
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_EDGE_OPTIONS_H_
