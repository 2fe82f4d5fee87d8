#include "services/wire/secret_octets.h"

#include <new>
#include <string>
#include <type_traits>

#include "gtest/gtest.h"
#include "services/wire/est_messages.h"

namespace masa::wire {
namespace {

static_assert(!std::is_copy_constructible_v<SecretOctets>);
static_assert(!std::is_copy_assignable_v<SecretOctets>);

// Whether the octets of `secret` stand anywhere in the memory at `place`.
bool Stands(const std::string& secret, const char* place, size_t size) {
  return std::string(place, size).find(secret) != std::string::npos;
}

TEST(SecretOctets, AreOverwrittenAtTheirEnd) {
  // Short enough to lie within the object, where they can be looked for.
  const std::string secret = "a secret";
  alignas(SecretOctets) char place[sizeof(SecretOctets)];
  auto* octets = new (place) SecretOctets(secret);
  EXPECT_EQ(octets->Reveal(), secret);
  EXPECT_TRUE(Stands(secret, place, sizeof(place)));
  octets->~SecretOctets();
  EXPECT_FALSE(Stands(secret, place, sizeof(place)));
}

TEST(Wipe, LeavesNothingOfAString) {
  std::string secret(100, 's');
  const char* place = secret.data();
  Wipe(&secret);
  EXPECT_TRUE(secret.empty());
  // The string keeps its memory, so that it may be read.
  ASSERT_EQ(secret.data(), place);
  EXPECT_EQ(std::string(place + 1, 99).find('s'), std::string::npos);
}

TEST(EstBody, ABodyOfBase64HoldsWhatItWasMadeOf) {
  for (const size_t size : {1, 2, 3, 47, 48, 49, 1000}) {
    const std::string octets(size, '\xa5');
    for (const bool wrapped : {false, true}) {
      const auto back = DecodeEstBody(EncodeEstBody(octets, wrapped));
      ASSERT_TRUE(back.ok()) << back.status();
      EXPECT_EQ(*back, octets);
    }
  }
}

}  // namespace
}  // namespace masa::wire
