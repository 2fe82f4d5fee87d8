// Whom an https server is believed: the certificates that its own must lead to.
#ifndef SERVICES_FETCH_TLS_TRUST_H_
#define SERVICES_FETCH_TLS_TRUST_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace boost::asio::ssl {
class context;
}

namespace masa::fetch {

// Immutable; copies share it. TLS 1.2 and 1.3.
class TlsTrust {
 public:
  // Certificates in PEM, each an anchor. kMisconfigured where there is none.
  static absl::StatusOr<TlsTrust> FromPem(absl::string_view anchors);

  boost::asio::ssl::context& context() const { return *context_; }

 private:
  explicit TlsTrust(std::shared_ptr<boost::asio::ssl::context> context)
      : context_(std::move(context)) {}

  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace masa::fetch

#endif  // SERVICES_FETCH_TLS_TRUST_H_
