#include "load-tests/hammer/handshake_cost.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "absl/time/clock.h"
#include "openssl/bio.h"
#include "openssl/ssl.h"
#include "services/testing/test_pki.h"

namespace masa::hammer {
namespace {

constexpr int kHandshakes = 300;

double CpuSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec);
}

bssl::UniquePtr<SSL_CTX> Context(const testing::Identity& identity) {
  bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));
  SSL_CTX_use_certificate(context.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
  SSL_CTX_set_custom_verify(context.get(), SSL_VERIFY_PEER,
                            [](SSL*, uint8_t*) { return ssl_verify_ok; });
  return context;
}

// Both ends shake hands over memory; CPU time of the server's steps.
double OneHandshake(SSL_CTX* client_context, SSL_CTX* server_context) {
  const bssl::UniquePtr<SSL> client(SSL_new(client_context));
  const bssl::UniquePtr<SSL> server(SSL_new(server_context));
  BIO *client_end = nullptr, *server_end = nullptr;
  BIO_new_bio_pair(&client_end, 0, &server_end, 0);
  SSL_set_bio(client.get(), client_end, client_end);
  SSL_set_bio(server.get(), server_end, server_end);
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(server.get());
  double spent = 0;
  for (int step = 0; SSL_in_init(client.get()) || SSL_in_init(server.get());
       ++step) {
    SSL_do_handshake(client.get());
    const double before = CpuSeconds();
    SSL_do_handshake(server.get());
    spent += CpuSeconds() - before;
    if (step > 100) {
      std::fprintf(stderr, "hammer: a bare handshake does not come about\n");
      std::exit(1);
    }
  }
  return spent;
}

}  // namespace

double ServerHandshakeSeconds() {
  testing::CertificateSpec spec;
  spec.common_name = "bare";
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  const testing::Identity identity = testing::MakeIdentity(spec, nullptr);
  const auto client = Context(identity), server = Context(identity);
  double spent = 0;
  for (int i = 0; i < kHandshakes; ++i) {
    spent += OneHandshake(client.get(), server.get());
  }
  return spent / kHandshakes;
}

}  // namespace masa::hammer
