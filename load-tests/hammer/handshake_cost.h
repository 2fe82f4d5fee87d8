// What BoringSSL takes for a TLS handshake, without any network.
#ifndef LOAD_TESTS_HAMMER_HANDSHAKE_COST_H_
#define LOAD_TESTS_HAMMER_HANDSHAKE_COST_H_

namespace masa::hammer {

// CPU time of the server's side of one full handshake, TLS 1.3 with X25519,
// certificates with P-256 on both sides: the mean of some hundred, seconds.
double ServerHandshakeSeconds();

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_HANDSHAKE_COST_H_
