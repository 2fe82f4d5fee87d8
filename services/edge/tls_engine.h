// One TLS connection as seen by a server, without a socket: octets of the
// network go in and come out by hand, so that the owner decides when to read
// and write, and a request costs one call of the system for each. Never blocks.
#ifndef SERVICES_EDGE_TLS_ENGINE_H_
#define SERVICES_EDGE_TLS_ENGINE_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "openssl/ssl.h"

namespace masa::edge {

// How far a step came. After any of them there may be Output().
enum class TlsStep {
  kDone = 0,
  kWantsInput = 1,  // nothing more before Feed()
  kGoodbye = 2,     // the peer has ended the connection in order
  kFailed = 3       // DrainTlsErrors() says why; nothing more will succeed
};

// Not thread-safe.
class TlsEngine {
 public:
  // `context` is counted, not owned.
  explicit TlsEngine(SSL_CTX* context);
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;

  // What came from the network.
  void Feed(absl::string_view octets);

  // What shall go to the network, valid until the next call of another method;
  // Sent() takes its first `octets` away.
  absl::string_view Output() const;
  void Sent(size_t octets);

  // Until kDone or kFailed, with Feed() between.
  TlsStep Handshake();

  // kDone: `*read`, one to `size`, octets are in `data`.
  TlsStep Read(void* data, size_t size, size_t* read);

  // kDone: all of `data` is in Output().
  TlsStep Write(absl::string_view data);

  // Says goodbye; reading goes on.
  void EndWriting();

  SSL* ssl() const { return ssl_.get(); }

 private:
  TlsStep StepOf(int result) const;

  bssl::UniquePtr<SSL> ssl_;
  BIO* input_;  // ssl_ owns both
  BIO* output_;
  size_t sent_ = 0;  // of what output_ holds
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_TLS_ENGINE_H_
