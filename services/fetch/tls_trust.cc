#include "services/fetch/tls_trust.h"

#include <utility>

#include "boost/asio/ssl/context.hpp"
#include "openssl/err.h"
#include "openssl/ssl.h"
#include "services/status/reason.h"

namespace masa::fetch {

absl::StatusOr<TlsTrust> TlsTrust::FromPem(absl::string_view anchors) {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  boost::system::error_code error;
  context->add_certificate_authority(
      boost::asio::buffer(anchors.data(), anchors.size()), error);
  ERR_clear_error();
  if (error) {
    return Refuse(Reason::kMisconfigured, "no certificate in PEM is there");
  }
  context->set_verify_mode(ssl::verify_peer);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  return TlsTrust(std::move(context));
}

}  // namespace masa::fetch
