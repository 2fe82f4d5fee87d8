// TLS of the HTTPS face: 1.2 and 1.3 (TR-04, TR-05), certificate by SNI
// (TR-09), a client certificate asked for and taken from anybody (TR-11,
// TR-12), but demanded under the cloud registrar's names (CR-02). TLS proves
// possession of the client's key; who it is is decided far below.
#ifndef SERVICES_EDGE_TLS_CONTEXT_H_
#define SERVICES_EDGE_TLS_CONTEXT_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "openssl/ssl.h"
#include "services/edge/edge_options.h"
#include "services/executor/mutex.h"

namespace masa::edge {

// Immutable after New; thread-safe. Outlives every connection made from it.
class TlsContext {
 public:
  // kMisconfigured when a chain or key does not parse, or they do not belong
  // together, or a name stands in two identities.
  static absl::StatusOr<std::unique_ptr<TlsContext>> New(
      const std::vector<TlsIdentity>& identities,
      bool client_certificate_required = false);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // What new connections start with.
  SSL_CTX* default_context() const { return contexts_[0].get(); }

  // Position of the identity that serves `host_name`, or -1 for none.
  int IdentityOf(const std::string& host_name) const;

 private:
  TlsContext() = default;
  static int PickByName(SSL* ssl, int* alert, void* self);

  std::vector<bssl::UniquePtr<SSL_CTX>> contexts_;
  std::map<std::string, int> identity_by_name_;
};

// The context that new connections begin with, replaced as a whole when
// certificates are renewed. Thread-safe.
class CurrentTls {
 public:
  explicit CurrentTls(std::shared_ptr<const TlsContext> context)
      : context_(std::move(context)) {}

  std::shared_ptr<const TlsContext> Get() const {
    MutexLock lock(mutex_);
    return context_;
  }
  void Set(std::shared_ptr<const TlsContext> context) {
    MutexLock lock(mutex_);
    context_.swap(context);
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const TlsContext> context_ ABSL_GUARDED_BY(mutex_);
};

// The name the client asked for, lower case, or "".
std::string ServerNameOf(const SSL* ssl);

// The client's chain, leaf first, DER; the same after resumption (TR-26).
std::vector<std::string> PeerChainOf(const SSL* ssl);

// The leaf that this side showed in the handshake, DER; empty before it.
std::string OwnCertificateOf(const SSL* ssl);

// What this connection alone has: tls-unique (RFC 5929), of TLS 1.3
// tls-exporter (RFC 9266); empty where there is none.
std::string ChannelBindingOf(SSL* ssl);

// Empties BoringSSL's error queue of this thread; the first error's text, or
// "no detail".
std::string DrainTlsErrors();

}  // namespace masa::edge

#endif  // SERVICES_EDGE_TLS_CONTEXT_H_
