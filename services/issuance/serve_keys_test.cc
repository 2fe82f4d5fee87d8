// The life of a key as its operators lead it.
#include "services/issuance/serve_keys.h"

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "openssl/x509.h"
#include "services/issuance/test_key_desk.h"
#include "services/signing/private_key.h"
#include "services/status/field_faults.h"

namespace masa::issuance {
namespace {

constexpr SignatureAlgorithm kMade = SignatureAlgorithm::kEcdsaP256Sha256;

class KeyDeskTest : public KeyDeskFixture {
 protected:
  KeyView Created(const std::string& key = "key") {
    const auto made = desk_->Create({}, Operator(), key, kMade, {});
    EXPECT_TRUE(made.ok()) << made.status();
    return *made;
  }
  int Events(const char* kind) {
    int count = 0;
    for (const auto& event : store_.Events()) {
      count += event.kind == kind ? 1 : 0;
    }
    return count;
  }
  Reason ActivationOf(const KeyView& version,
                      const std::vector<std::string>& chain) {
    const auto active = desk_->Activate(
        {}, Operator(),
        {{version.record.key, version.record.version}, chain, {}, false}, {});
    return active.ok() ? Reason::kInternal : ReasonOf(active.status());
  }
};

TEST_F(KeyDeskTest, AVersionIsPendingThenActiveThenRetired) {
  const KeyView made = Created();
  EXPECT_EQ(made.record.version, 1);
  EXPECT_EQ(made.state, signing::KeyState::kPending);
  EXPECT_EQ(made.algorithm, kMade);
  EXPECT_EQ(Events(storage::kKeyCreated), 1);
  const auto active = desk_->Activate(
      {}, Operator(), {{"key", 1}, ChainFor(made), {}, false}, {});
  ASSERT_TRUE(active.ok()) << active.status();
  EXPECT_EQ(active->state, signing::KeyState::kPending);
  EXPECT_EQ(active->record.not_before, clock_.Now() + kKeyNotice);
  EXPECT_EQ(active->certificate_not_after, Spec("", false).not_after);
  clock_.Advance(kKeyNotice);
  auto listed = desk_->List({}, Operator());
  ASSERT_TRUE(listed.ok() && listed->size() == 2) << listed.status();
  EXPECT_FALSE((*listed)[0].in_force);
  EXPECT_TRUE((*listed)[1].in_force);
  EXPECT_EQ((*listed)[1].state, signing::KeyState::kActive);
  ASSERT_TRUE(desk_->Retire({}, Operator(), {{"key", 1}, {}, false}, {}).ok());
  clock_.Advance(kKeyNotice);
  listed = desk_->List({}, Operator());
  EXPECT_TRUE((*listed)[0].in_force);
  EXPECT_EQ((*listed)[1].state, signing::KeyState::kRetired);
  EXPECT_EQ(Events(storage::kKeyActivated), 1);
  EXPECT_EQ(Events(storage::kKeyRetired), 1);
}

TEST_F(KeyDeskTest, ListsTheKeysOfTheTenantAlone) {
  ActivateNew("bare", clock_.Now() + absl::Hours(1));
  const auto listed = desk_->List({}, Operator());
  ASSERT_TRUE(listed.ok() && listed->size() == 2) << listed.status();
  EXPECT_EQ((*listed)[0].record.key, "bare");
  EXPECT_EQ((*listed)[1].record.key, "key");
  EXPECT_EQ((*listed)[1].record.version, 0);
  EXPECT_TRUE((*listed)[1].in_force);
  identity::Principal other = Operator();
  other.tenant_id = "globex";
  EXPECT_EQ(desk_->List({}, other)->front().record.key, "foreign");
}

TEST_F(KeyDeskTest, AsksForACertificateWithTheKeyItself) {
  const KeyView made = Created();
  const auto request =
      desk_->RequestCertificate({}, Operator(), {"key", 1}, "CN=signer,O=ACME");
  ASSERT_TRUE(request.ok()) << request.status();
  const auto* at = reinterpret_cast<const uint8_t*>(request->data());
  bssl::UniquePtr<X509_REQ> read(
      d2i_X509_REQ(nullptr, &at, static_cast<long>(request->size())));
  ASSERT_NE(read, nullptr);
  bssl::UniquePtr<EVP_PKEY> key(X509_REQ_get_pubkey(read.get()));
  EXPECT_EQ(X509_REQ_verify(read.get(), key.get()), 1);
  EXPECT_EQ(signing::SpkiDerOf(key.get()), made.record.spki_der);
  const auto reason = [&](const signing::KeyName& name, const char* subject) {
    return ReasonOf(
        desk_->RequestCertificate({}, Operator(), name, subject).status());
  };
  EXPECT_EQ(reason({"key", 1}, "signer"), Reason::kInvalidArgument);
  EXPECT_EQ(reason({"key", 2}, "CN=a"), Reason::kKeyUnknown);
  EXPECT_EQ(reason({"key", 0}, "CN=a"), Reason::kStateNotAllowed);
}

// OP-05: whoever makes devices cannot make vouchers; the rest of the chain.
TEST_F(KeyDeskTest, TakesNoChainThatDevicesWouldRefuse) {
  const KeyView made = Created();
  const std::string& spki = made.record.spki_der;
  const CertificateSpec leaf = Spec("voucher signer", false);
  CertificateSpec old = leaf;
  old.not_after = Noon() - absl::Hours(1);
  const std::string root = voucher_root_.CertificateDer();
  const auto by_idevid = Certify(spki, leaf, idevid_ca_).CertificateDer();
  EXPECT_EQ(ActivationOf(made, {by_idevid, idevid_ca_.CertificateDer()}),
            Reason::kInvalidArgument);
  EXPECT_EQ(
      ActivationOf(made,
                   {Certify(spki, old, voucher_root_).CertificateDer(), root}),
      Reason::kCertExpired);
  EXPECT_EQ(ActivationOf(made, ChainFor(Created())), Reason::kInvalidArgument);
  EXPECT_EQ(ActivationOf(made, {}), Reason::kCertMalformed);
  EXPECT_EQ(Events(storage::kKeyActivated), 0);
  EXPECT_EQ(ActivationOf(made, ChainFor(made)), Reason::kInternal);
}

// OP-04: the marker that the devices of a product look for.
TEST_F(KeyDeskTest, TheMarkerOfEveryProductIsInTheCertificate) {
  ChangeProduct([](masa::v1::Product* product) {
    product->set_signer_policy_oid("1.3.6.1.4.1.99999.7");
  });
  const KeyView made = Created();
  EXPECT_EQ(ActivationOf(made, ChainFor(made)), Reason::kInvalidArgument);
  CertificateSpec marked = Spec("voucher signer", false);
  marked.policy_oid = "1.3.6.1.4.1.99999.7";
  EXPECT_EQ(
      ActivationOf(made, {Certify(made.record.spki_der, marked, voucher_root_)
                              .CertificateDer(),
                          voucher_root_.CertificateDer()}),
      Reason::kInternal);
}

TEST_F(KeyDeskTest, EveryReplicaKnowsOfAChangeBeforeItComes) {
  const KeyView made = Created();
  for (const absl::Duration ahead :
       {-absl::Hours(1), absl::ZeroDuration(), absl::Milliseconds(9999),
        absl::Hours(24 * 4000)}) {
    const auto active = desk_->Activate(
        {}, Operator(),
        {{"key", 1}, ChainFor(made), clock_.Now() + ahead, false}, {});
    EXPECT_EQ(ReasonOf(active.status()), Reason::kInvalidArgument) << ahead;
    EXPECT_EQ(FieldFaultsOf(active.status()).front().field, "not_before");
    const auto retired = desk_->Retire(
        {}, Operator(), {{"key", 1}, clock_.Now() + ahead, false}, {});
    EXPECT_EQ(ReasonOf(retired.status()), Reason::kInvalidArgument) << ahead;
  }
}

TEST_F(KeyDeskTest, IsActivatedOnceAndRetiredOnce) {
  const KeyView made = Created();
  const auto check = desk_->Activate(
      {}, Operator(), {{"key", 1}, ChainFor(made), {}, true}, {});
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_EQ(Events(storage::kKeyActivated), 0);
  EXPECT_EQ(ActivationOf(made, ChainFor(made)), Reason::kInternal);
  EXPECT_EQ(ActivationOf(made, ChainFor(made)), Reason::kStateNotAllowed);
  KeyView configured;
  configured.record.key = "key";
  EXPECT_EQ(ActivationOf(configured, ChainFor(made)), Reason::kStateNotAllowed);
  ASSERT_TRUE(desk_->Retire({}, Operator(), {{"key", 1}, {}, false}, {}).ok());
  clock_.Advance(kKeyNotice);
  EXPECT_EQ(
      ReasonOf(
          desk_->Retire({}, Operator(), {{"key", 1}, {}, false}, {}).status()),
      Reason::kStateNotAllowed);
}

TEST_F(KeyDeskTest, TheLastThatSignsIsRetiredOnPurposeAlone) {
  const auto retire = [&](const signing::KeyName& name, bool last) {
    return desk_->Retire({}, Operator(), {name, {}, last}, {}).status();
  };
  EXPECT_EQ(ReasonOf(retire({"key", 0}, false)), Reason::kStateNotAllowed);
  ActivateNew("key", clock_.Now() + kKeyNotice);
  EXPECT_TRUE(retire({"key", 0}, false).ok());
  clock_.Advance(kKeyNotice);
  // The key itself signs on.
  EXPECT_EQ(std::string(retire({"key", 0}, false).message()),
            "version 0 of signing key key is retired");
  EXPECT_EQ(ReasonOf(retire({"key", 1}, false)), Reason::kStateNotAllowed);
  EXPECT_TRUE(retire({"key", 1}, true).ok());
  clock_.Advance(kKeyNotice);
  EXPECT_EQ(ReasonOf(versioned_->InForce({}, "key").status()),
            Reason::kKeyUnknown);
  // What it signed is still about, and so is its chain.
  EXPECT_EQ(desk_->List({}, Operator())->front().record.chain_der.size(), 2u);
  // What has its versions alone has nothing to fall back to.
  ActivateNew("bare", clock_.Now() + kKeyNotice);
  EXPECT_EQ(ReasonOf(retire({"bare", 1}, false)), Reason::kStateNotAllowed);
}

TEST_F(KeyDeskTest, ATestIsSignedAndVerified) {
  ActivateNew("key", clock_.Now() + kKeyNotice);
  EXPECT_EQ(desk_->Test({}, Operator(), "key", {})->signed_by, "key");
  clock_.Advance(kKeyNotice);
  EXPECT_EQ(desk_->Test({}, Operator(), "key", {})->signed_by, "key@1");
  EXPECT_EQ(desk_->Test({}, Operator(), "key", 0)->signed_by, "key");
  EXPECT_EQ(ReasonOf(desk_->Test({}, Operator(), "key", 2).status()),
            Reason::kKeyUnknown);
  EXPECT_EQ(ReasonOf(desk_->Test({}, Operator(), "foreign", 0).status()),
            Reason::kKeyUnknown);
}

TEST_F(KeyDeskTest, TakesAKeyFromElsewhere) {
  const auto key = signing::MakePrivateKey(kMade);
  const auto imported =
      desk_->Import({}, Operator(), "bare",
                    signing::PrivateKeyPem(key->get(), "passphrase"), {});
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->record.spki_der, signing::SpkiDerOf(key->get()));
  EXPECT_EQ(Events(storage::kKeyImported), 1);
}

// A signer that made a key whose record got lost goes on with the next number.
TEST_F(KeyDeskTest, ANumberThatIsUsedUpIsPassedOver) {
  ASSERT_TRUE(signer_->Create({}, "acme", {"key", 1}, kMade).ok());
  store_.FailNext(MemoryStore::Failure::kUnstored);
  EXPECT_FALSE(desk_->Create({}, Operator(), "key", kMade, {}).ok());
  EXPECT_EQ(Created().record.version, 2);
}

TEST_F(KeyDeskTest, ARepeatChangesNothing) {
  const Once create = {"id-1", std::string(32, 'a')};
  const Once activate = {"id-2", std::string(32, 'b')};
  const Once retire = {"id-3", std::string(32, 'c')};
  const auto made = desk_->Create({}, Operator(), "key", kMade, create);
  ASSERT_TRUE(made.ok()) << made.status();
  const Activation activation = {{"key", 1}, ChainFor(*made), {}, false};
  const Retirement retirement = {{"key", 1}, {}, false};
  for (int i = 0; i < 2; ++i) {
    const auto again = desk_->Create({}, Operator(), "key", kMade, create);
    EXPECT_EQ(again->record.version, 1);
    EXPECT_TRUE(desk_->Activate({}, Operator(), activation, activate).ok());
    EXPECT_TRUE(desk_->Retire({}, Operator(), retirement, retire).ok());
  }
  EXPECT_EQ(Events(storage::kKeyCreated), 1);
  EXPECT_EQ(Events(storage::kKeyActivated), 1);
  EXPECT_EQ(Events(storage::kKeyRetired), 1);
  const Once other = {"id-1", std::string(32, 'x')};
  EXPECT_EQ(
      ReasonOf(desk_->Create({}, Operator(), "key", kMade, other).status()),
      Reason::kRequestIdReused);
}

// Of equal calls at once the second hears what the first did.
TEST_F(KeyDeskTest, EqualCallsAtOnceAreOneChange) {
  const KeyView made = AtOnce([](ServeKeys& desk) {
    return desk.Create({}, Operator(), "key", kMade,
                       {"id-1", std::string(32, 'a')});
  });
  ASSERT_EQ(made.record.version, 1);
  const Activation activation = {{"key", 1}, ChainFor(made), {}, false};
  AtOnce([&](ServeKeys& desk) {
    return desk.Activate({}, Operator(), activation,
                         {"id-2", std::string(32, 'b')});
  });
  AtOnce([](ServeKeys& desk) {
    return desk.Retire({}, Operator(), {{"key", 1}, {}, false},
                       {"id-3", std::string(32, 'c')});
  });
  EXPECT_EQ(Events(storage::kKeyCreated), 1);
  EXPECT_EQ(Events(storage::kKeyActivated), 1);
  EXPECT_EQ(Events(storage::kKeyRetired), 1);
  const auto key = signing::MakePrivateKey(kMade);
  const std::string pem = signing::PrivateKeyPem(key->get(), "passphrase");
  AtOnce([&](ServeKeys& desk) {
    return desk.Import({}, Operator(), "bare", pem,
                       {"id-4", std::string(32, 'd')});
  });
  EXPECT_EQ(Events(storage::kKeyImported), 1);
}

TEST_F(KeyDeskTest, IsForOperatorsOfTheTenantAlone) {
  const identity::Principal customer = {identity::Role::kCustomer, "c", "acme",
                                        "org-acme"};
  identity::Principal foreign = Operator();
  foreign.tenant_id = "globex";
  Created();
  const struct {
    identity::Principal who;
    Reason reason;
  } rows[] = {{customer, Reason::kPermissionDenied},
              {foreign, Reason::kKeyUnknown}};
  for (const auto& row : rows) {
    const absl::Status refused[] = {
        desk_->Create({}, row.who, "key", kMade, {}).status(),
        desk_->Import({}, row.who, "key", "", {}).status(),
        desk_->RequestCertificate({}, row.who, {"key", 1}, "CN=a").status(),
        desk_->Activate({}, row.who, {{"key", 1}, {}, {}, false}, {}).status(),
        desk_->Retire({}, row.who, {{"key", 1}, {}, false}, {}).status(),
        desk_->Test({}, row.who, "key", 1).status()};
    for (const absl::Status& status : refused) {
      EXPECT_EQ(ReasonOf(status), row.reason) << status;
    }
  }
  EXPECT_EQ(ReasonOf(desk_->List({}, customer).status()),
            Reason::kPermissionDenied);
}

}  // namespace
}  // namespace masa::issuance
