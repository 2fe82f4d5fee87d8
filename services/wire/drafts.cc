#include "services/wire/drafts.h"

namespace masa::wire {

const Drafts& CurrentDrafts() {
  static const Drafts& drafts =
      *new Drafts{"ietf-voucher:voucher",
                  "ietf-voucher-request:voucher",
                  "ietf-voucher-request-prm:voucher",
                  2451,
                  2501,
                  {{"assertion", 1, 1},
                   {"created-on", 2, 2},
                   {"domain-cert-revocation-checks", 3, 3},
                   {"expires-on", 4, 4},
                   {"idevid-issuer", 5, 5},
                   {"last-renewal-date", 6, 6},
                   {"nonce", 7, 7},
                   {"pinned-domain-cert", 8, 8},
                   {"pinned-domain-pubk", 9, 17},
                   {"pinned-domain-pubk-sha256", 10, 18},
                   {"serial-number", 11, 13},
                   {"additional-configuration-url", 12, 19},
                   {"est-domain", 13, 20},
                   {"prior-signed-voucher-request", 0, 9},
                   {"proximity-registrar-cert", 0, 10},
                   {"proximity-registrar-pubk-sha256", 0, 11},
                   {"proximity-registrar-pubk", 0, 12},
                   {"agent-provided-proximity-registrar-cert", 0, 14},
                   {"agent-sign-cert", 0, 15},
                   {"agent-signed-data", 0, 16}},
                  "application/voucher-cms+json",
                  "application/voucher-jws+json",
                  "application/voucher+cose",
                  "application/voucher-cose+cbor",
                  "voucher-jws+json"};
  return drafts;
}

}  // namespace masa::wire
