#include "services/wire/ecdsa_numbers.h"

#include <string>

#include "gtest/gtest.h"
#include "openssl/bn.h"
#include "openssl/ecdsa.h"
#include "openssl/mem.h"
#include "services/status/reason.h"

namespace masa::wire {
namespace {

// What BoringSSL writes for these numbers.
std::string LibraryDer(const std::string& r, const std::string& s) {
  const auto number = [](const std::string& octets) {
    return BN_bin2bn(reinterpret_cast<const uint8_t*>(octets.data()),
                     octets.size(), nullptr);
  };
  const bssl::UniquePtr<ECDSA_SIG> value(ECDSA_SIG_new());
  EXPECT_EQ(ECDSA_SIG_set0(value.get(), number(r), number(s)), 1);
  uint8_t* der = nullptr;
  size_t length = 0;
  EXPECT_EQ(ECDSA_SIG_to_bytes(&der, &length, value.get()), 1);
  const std::string octets(reinterpret_cast<char*>(der), length);
  OPENSSL_free(der);
  return octets;
}

TEST(EcdsaNumbers, AreWrittenAndReadAsBoringSslDoes) {
  for (const size_t half : {32, 48, 66}) {
    std::string numbers[] = {
        std::string(half, '\x7f'), std::string(half, '\x80'),
        std::string(half, '\xff'), std::string(half, '\0'),
        std::string(half, '\0'),   std::string(half, '\0')};
    numbers[4].back() = '\x01';
    numbers[5][half / 2] = '\x80';
    for (const std::string& r : numbers) {
      for (const std::string& s : numbers) {
        const std::string der = EcdsaDerOfNumbers(r + s);
        EXPECT_EQ(der, LibraryDer(r, s));
        const auto back = EcdsaNumbersOfDer(der, half);
        ASSERT_TRUE(back.ok()) << back.status();
        EXPECT_EQ(*back, r + s);
      }
    }
  }
}

TEST(EcdsaNumbers, AreNotReadFromOtherDer) {
  const std::string good("\x30\x06\x02\x01\x01\x02\x01\x02");
  ASSERT_TRUE(EcdsaNumbersOfDer(good, 1).ok());
  const std::string bad[] = {
      "",
      "garbage",
      good + "x",
      good.substr(0, 7),
      std::string("\x31\x06\x02\x01\x01\x02\x01\x02"),
      std::string("\x30\x03\x02\x01\x01"),
      std::string("\x30\x09\x02\x01\x01\x02\x01\x02\x02\x01\x03"),
      // negative; longer than it need be; too large
      std::string("\x30\x06\x02\x01\x81\x02\x01\x02"),
      std::string("\x30\x07\x02\x02\x00\x01\x02\x01\x02", 9),
      std::string("\x30\x07\x02\x02\x01\x01\x02\x01\x02"),
      std::string("\x30\x06\x04\x01\x01\x02\x01\x02"),
  };
  for (const std::string& der : bad) {
    EXPECT_EQ(ReasonOf(EcdsaNumbersOfDer(der, 1).status()),
              Reason::kSignerUnavailable)
        << &der - bad;
  }
}

}  // namespace
}  // namespace masa::wire
