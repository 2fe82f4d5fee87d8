// Whose keys operators may name in their products and tenants.
#include "services/issuance/own_keys.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "services/issuance/serve_policies.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

class OwnKeys : public Desk {
 protected:
  static identity::Principal Operator() {
    return {identity::Role::kOperator, "operator", "acme", ""};
  }
  static masa::v1::Product Stored(ServePolicies& desk) {
    return desk.ListProducts({}, Operator())->front();
  }
};

// The signer's names are the same for all tenants.
TEST_F(OwnKeys, OperatorsNameTheKeysOfTheirTenantAlone) {
  const Identity leaf =
      testing::MakeIdentity(Spec("another signer", false), &voucher_root_);
  const auto key = [&](const char* name, const char* tenant_id) {
    signing::KeySource source{name, ChainOf(leaf), kVoucherKinds};
    source.tenant_id = tenant_id;
    return signing::LocalKeySource{source, leaf.KeyPem(), ""};
  };
  const auto signer = *signing::LocalSigner::New(
      {key("key", ""), key("key-p384", ""), key("key-endless", ""),
       key("ours", "acme"), key("theirs", "globex"), key("nobodys", "")});
  ServePolicies desk(Tools{store_, store_, store_, *signer, verifier_, clock_,
                           *policies_, *templates_, store_, store_, store_});
  const struct {
    const char* key;
    bool may;
  } cases[] = {{"key", true},  // its record has it
               {"ours", true},
               {"theirs", false},
               {"nobodys", false}};
  const auto reason = [](const absl::Status& status) {
    return status.ok() ? "OK" : InfoOf(ReasonOf(status)).name;
  };
  for (const auto& c : cases) {
    const absl::string_view expected = c.may ? "OK" : "KEY_UNKNOWN";
    masa::v1::Product signs = Stored(desk);
    signs.set_signing_key(c.key);
    EXPECT_EQ(
        reason(desk.UpdateProduct({}, Operator(), signs, true, {}).status()),
        expected)
        << c.key;
    masa::v1::Product batch = Stored(desk);
    batch.add_batch_signing_keys()->set_batch("l");
    batch.mutable_batch_signing_keys(0)->set_signing_key(c.key);
    EXPECT_EQ(
        reason(desk.UpdateProduct({}, Operator(), batch, true, {}).status()),
        expected)
        << c.key;
    masa::v1::Tenant tenant = *desk.GetTenant({}, Operator());
    tenant.set_ownership_signing_key(c.key);
    EXPECT_EQ(
        reason(desk.UpdateTenant({}, Operator(), tenant, true, {}).status()),
        expected)
        << c.key;
  }
}

}  // namespace
}  // namespace masa::issuance
