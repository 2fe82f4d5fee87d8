// BatchEcdsa, compiled as if BoringSSL were another than the one examined.
#include "gtest/gtest.h"
#include "openssl/ec_key.h"
#include "openssl/evp.h"
#include "openssl/nid.h"
#include "services/signing/batch_ecdsa.h"

namespace masa::signing {
namespace {

TEST(BatchEcdsa, StepsAsideForAnUnknownBoringSsl) {
  bssl::UniquePtr<EC_KEY> ec_key(
      EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  ASSERT_EQ(EC_KEY_generate_key(ec_key.get()), 1);
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  ASSERT_EQ(EVP_PKEY_set1_EC_KEY(key.get(), ec_key.get()), 1);
  EXPECT_EQ(BatchEcdsa::New(key.get()), nullptr);
}

}  // namespace
}  // namespace masa::signing
