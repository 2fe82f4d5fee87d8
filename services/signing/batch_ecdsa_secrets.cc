// Runs under valgrind, for deploy/constant_time_test.sh: signs a batch with
// what its argument names marked as uninitialised, so that valgrind reports
// each branch and each index that depends on it.
//   key     the private number, and through the hedge each nonce
//   digest  the digests, to show that the hedge has them
//   leak    the private number, and a branch on it that must be reported
#include <cstdio>
#include <string>
#include <vector>

#include "openssl/ec_key.h"
#include "openssl/evp.h"
#include "openssl/nid.h"
#include "services/signing/batch_ecdsa.h"
#include "src/crypto/fipsmodule/ec/internal.h"
#include "src/crypto/internal.h"

int main(int argc, char** argv) {
  const std::string mode = argc == 2 ? argv[1] : "";
  bssl::UniquePtr<EC_KEY> key(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  bssl::UniquePtr<EVP_PKEY> pkey(EVP_PKEY_new());
  if (EC_KEY_generate_key(key.get()) != 1 ||
      EVP_PKEY_set1_EC_KEY(pkey.get(), key.get()) != 1) {
    return 1;
  }
  const auto batch = masa::signing::BatchEcdsa::New(pkey.get());
  std::vector<masa::signing::Sha256Digest> digests(5);
  const BN_ULONG* words = key->priv_key->scalar.words;
  if (mode == "digest") {
    CONSTTIME_SECRET(digests[0].data(), sizeof(digests[0]));
  } else {
    CONSTTIME_SECRET(words, sizeof(key->priv_key->scalar.words));
  }
  if (batch == nullptr || !batch->Sign(digests).ok()) {
    return 1;
  }
  if (mode == "leak" && (words[0] & 1) != 0) {
    std::puts("the key is odd");
  }
  return 0;
}
