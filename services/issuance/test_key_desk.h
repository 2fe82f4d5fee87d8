// The desk of test_desk.h with keys that have versions: a signer with a folder,
// the versions in the store in memory. For tests.
#ifndef SERVICES_ISSUANCE_TEST_KEY_DESK_H_
#define SERVICES_ISSUANCE_TEST_KEY_DESK_H_

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "openssl/evp.h"
#include "openssl/x509.h"
#include "services/issuance/serve_keys.h"
#include "services/issuance/test_desk.h"
#include "services/issuance/test_racing_store.h"
#include "services/issuance/versioned_signer.h"

namespace masa::issuance {

class KeyDeskFixture : public Desk {
 protected:
  explicit KeyDeskFixture(std::vector<signing::KeySource> more = {}) {
    std::string name = ::testing::TempDir() + "/keys.XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    const Identity first =
        testing::MakeIdentity(Spec("voucher signer", false), &voucher_root_);
    signing::LocalKeySource key = {
        {"key", ChainOf(first), kVoucherKinds, false, "acme"},
        first.KeyPem(),
        ""};
    signing::LocalKeySource bare;
    bare.key = {"bare", "", kVoucherKinds, false, "acme"};
    signing::LocalKeySource foreign = key;
    foreign.key.name = "foreign";
    foreign.key.tenant_id = "globex";
    auto folder = signing::KeyFolder::Open(folder_, "passphrase");
    EXPECT_TRUE(folder.ok()) << folder.status();
    std::vector<signing::LocalKeySource> keys = {key, bare, foreign};
    for (signing::KeySource& one : more) {
      keys.push_back({std::move(one), "", ""});
    }
    signer_ = *signing::LocalSigner::New(keys, *std::move(folder));
    versioned_ = std::make_unique<VersionedSigner>(*signer_, store_, clock_);
    templates_ = std::make_unique<VoucherTemplates>(*versioned_, clock_);
    tools_ = std::make_unique<Tools>(
        Tools{store_, store_, store_, *versioned_, verifier_, clock_,
              *policies_, *templates_, store_, store_, store_});
    registrar_desk_ = std::make_unique<AnswerRegistrar>(*tools_);
    operator_desk_ = std::make_unique<ServeOperators>(*tools_);
    desk_ = std::make_unique<ServeKeys>(*tools_, KeyTools{store_, *signer_});
  }
  ~KeyDeskFixture() override { std::filesystem::remove_all(folder_); }

  static identity::Principal Operator() {
    return {identity::Role::kOperator, "operator", "acme", ""};
  }

  // A certificate for a version's key, by the root of vouchers.
  Identity Certify(const std::string& spki_der, CertificateSpec spec,
                   const Identity& by) {
    CBS cbs;
    CBS_init(&cbs, reinterpret_cast<const uint8_t*>(spki_der.data()),
             spki_der.size());
    Identity holder;
    holder.key.reset(EVP_parse_public_key(&cbs), EVP_PKEY_free);
    return testing::Reissue(holder, spec, &by);
  }
  std::vector<std::string> ChainFor(const KeyView& version) {
    return {Certify(version.record.spki_der, Spec("voucher signer", false),
                    voucher_root_)
                .CertificateDer(),
            voucher_root_.CertificateDer()};
  }

  // A new version, certified, that signs from `at` on.
  KeyView ActivateNew(const std::string& key, absl::Time at) {
    const auto made = desk_->Create({}, Operator(), key,
                                    SignatureAlgorithm::kEcdsaP256Sha256, {});
    EXPECT_TRUE(made.ok()) << made.status();
    const auto active = desk_->Activate(
        {}, Operator(),
        {{key, made->record.version}, ChainFor(*made), at, false}, {});
    EXPECT_TRUE(active.ok()) << active.status();
    return active.ok() ? *active : KeyView();
  }

  // What `call` says at a desk when the very same call comes first, while it is
  // at work. Both say the same, or the test fails.
  KeyView AtOnce(
      const std::function<absl::StatusOr<KeyView>(ServeKeys& desk)>& call) {
    RacingStore racing(store_);
    ServeKeys second(
        Tools{store_, store_, store_, *versioned_, verifier_, clock_,
              *policies_, *templates_, store_, store_, racing},
        KeyTools{store_, *signer_});
    absl::StatusOr<KeyView> first;
    racing.recalled = [&] { first = call(*desk_); };
    const absl::StatusOr<KeyView> again = call(second);
    EXPECT_TRUE(first.ok()) << first.status();
    EXPECT_TRUE(again.ok()) << again.status();
    if (!first.ok() || !again.ok()) {
      return {};
    }
    EXPECT_EQ(again->record, first->record);
    return *again;
  }

  std::string folder_;
  std::unique_ptr<VersionedSigner> versioned_;
  std::unique_ptr<ServeKeys> desk_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TEST_KEY_DESK_H_
