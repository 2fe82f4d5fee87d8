#include "load-tests/signature_cost.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "openssl/ec_key.h"
#include "openssl/ecdsa.h"
#include "openssl/nid.h"

namespace masa {
namespace {

constexpr int kRounds = 11;
constexpr int kCalls = 500;

double CpuNow() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec);
}

// Seconds of one call: the median of the rounds.
template <typename Call>
double Measure(const Call& call) {
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    const double start = CpuNow();
    for (int i = 0; i < kCalls; ++i) {
      call();
    }
    rounds.push_back((CpuNow() - start) / kCalls);
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[kRounds / 2];
}

}  // namespace

SignatureCost MeasureP256() {
  const bssl::UniquePtr<EC_KEY> key(
      EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  if (EC_KEY_generate_key(key.get()) != 1) {
    std::abort();
  }
  const uint8_t digest[32] = {1};
  std::vector<uint8_t> signature(ECDSA_size(key.get()));
  unsigned length = 0;
  SignatureCost cost;
  cost.sign_seconds = Measure([&] {
    ECDSA_sign(0, digest, sizeof(digest), signature.data(), &length, key.get());
  });
  cost.verify_seconds = Measure([&] {
    if (ECDSA_verify(0, digest, sizeof(digest), signature.data(), length,
                     key.get()) != 1) {
      std::abort();
    }
  });
  return cost;
}

}  // namespace masa
