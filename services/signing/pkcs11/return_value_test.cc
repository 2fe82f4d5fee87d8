#include "services/signing/pkcs11/return_value.h"

#include "gtest/gtest.h"

namespace masa::signing {
namespace {

TEST(ReturnValue, HasANameAndARemedy) {
  const struct {
    CK_RV value;
    const char* name;
    Remedy remedy;
    bool pin;
  } cases[] = {
      {CKR_OK, "CKR_OK", Remedy::kNone, false},
      {CKR_USER_ALREADY_LOGGED_IN, "CKR_USER_ALREADY_LOGGED_IN", Remedy::kNone,
       false},
      {CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", Remedy::kNewSession, false},
      {CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", Remedy::kNewToken, false},
      {CKR_PIN_LOCKED, "CKR_PIN_LOCKED", Remedy::kNever, true},
      {CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", Remedy::kNever, false},
      {0x80000001, "CK_RV 0x80000001", Remedy::kNewToken, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(NameOf(c.value), c.name);
    EXPECT_EQ(RemedyFor(c.value), c.remedy) << c.name;
    EXPECT_EQ(IsAboutThePin(c.value), c.pin) << c.name;
  }
}

}  // namespace
}  // namespace masa::signing
