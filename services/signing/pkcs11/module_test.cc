#include "services/signing/pkcs11/module.h"

#include "gtest/gtest.h"
#include "services/signing/pkcs11/return_value.h"
#include "services/signing/pkcs11/test_misbehaviour.h"
#include "services/signing/pkcs11/test_soft_hsm.h"

namespace masa::signing {
namespace {

// As when the folder of the tokens is gone while the module begins anew.
TEST(Pkcs11Module, ARestartThatFailedSaysWhyUntilOneWentWell) {
  SoftHsm hsm;
  hsm.AddToken("one");
  const auto module = Pkcs11Module::Load(kMisbehavingModule);
  ASSERT_TRUE(module.ok()) << module.status();
  Misbehaviour* const misbehaviour = GetMisbehaviour();
  ASSERT_NE(misbehaviour, nullptr);
  CK_SLOT_ID slot = 0;
  ASSERT_EQ(NameOf((*module)->FindSlot("one", &slot)), "CKR_OK");
  misbehaviour->gone = true;
  (*module)->Restart();
  misbehaviour->gone = false;
  EXPECT_EQ(NameOf((*module)->FindSlot("one", &slot)), "CKR_DEVICE_ERROR");
  (*module)->Restart();
  EXPECT_EQ(NameOf((*module)->FindSlot("one", &slot)), "CKR_OK");
}

}  // namespace
}  // namespace masa::signing
