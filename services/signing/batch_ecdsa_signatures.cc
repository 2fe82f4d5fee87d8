// Prints COUNT signatures of random digests by a new key, in batches of random
// sizes, for another library to verify: the public key in PEM, then a line
// `DIGEST NUMBERS` for each. BoringSSL has verified them all before.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/escaping.h"
#include "openssl/bio.h"
#include "openssl/ec_key.h"
#include "openssl/ecdsa.h"
#include "openssl/evp.h"
#include "openssl/nid.h"
#include "openssl/pem.h"
#include "openssl/rand.h"
#include "services/signing/batch_ecdsa.h"
#include "services/wire/ecdsa_numbers.h"

namespace masa::signing {
namespace {

void Require(bool held, const char* what) {
  if (!held) {
    std::fprintf(stderr, "batch_ecdsa_signatures: %s\n", what);
    std::exit(1);
  }
}

size_t RandomBatchSize(size_t most) {
  uint32_t random = 0;
  RAND_bytes(reinterpret_cast<uint8_t*>(&random), sizeof(random));
  constexpr size_t kLargest = 1000;
  return std::min<size_t>(most, 1 + random % kLargest);
}

template <size_t N>
absl::string_view View(const std::array<uint8_t, N>& octets) {
  return absl::string_view(reinterpret_cast<const char*>(octets.data()), N);
}

void PrintBatch(const BatchEcdsa& batch, EC_KEY* key, size_t size) {
  std::vector<Sha256Digest> digests(size);
  RAND_bytes(digests[0].data(), size * digests[0].size());
  const auto signatures = batch.Sign(digests);
  Require(signatures.ok(), "a batch failed");
  for (size_t i = 0; i < size; ++i) {
    const std::string der = wire::EcdsaDerOfNumbers(View((*signatures)[i]));
    Require(ECDSA_verify(0, digests[i].data(), digests[i].size(),
                         reinterpret_cast<const uint8_t*>(der.data()),
                         der.size(), key) == 1,
            "BoringSSL does not verify a signature");
    std::printf("%s %s\n", absl::BytesToHexString(View(digests[i])).c_str(),
                absl::BytesToHexString(View((*signatures)[i])).c_str());
  }
}

void Print(size_t count) {
  bssl::UniquePtr<EC_KEY> key(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  bssl::UniquePtr<EVP_PKEY> pkey(EVP_PKEY_new());
  Require(EC_KEY_generate_key(key.get()) == 1 &&
              EVP_PKEY_set1_EC_KEY(pkey.get(), key.get()) == 1,
          "no key");
  const auto batch = BatchEcdsa::New(pkey.get());
  Require(batch != nullptr, "batches step aside");
  bssl::UniquePtr<BIO> out(BIO_new_fp(stdout, BIO_NOCLOSE));
  Require(PEM_write_bio_PUBKEY(out.get(), pkey.get()) == 1, "no public key");
  BIO_flush(out.get());
  for (size_t made = 0; made < count;) {
    const size_t size = RandomBatchSize(count - made);
    PrintBatch(*batch, key.get(), size);
    made += size;
  }
}

}  // namespace
}  // namespace masa::signing

int main(int argc, char** argv) {
  masa::signing::Require(argc == 2, "usage: batch_ecdsa_signatures COUNT");
  masa::signing::Print(std::strtoul(argv[1], nullptr, 10));
}
