// Many vouchers at once: each item has its own outcome.
#include "services/issuance/serve_vouchers.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "services/issuance/test_counting_signer.h"
#include "services/issuance/test_desk.h"
#include "storage/memory/memory_issued_vouchers.h"

namespace masa::issuance {
namespace {

identity::Principal Operator() {
  return {identity::Role::kOperator, "op", "acme", ""};
}

identity::Principal Customer(const std::string& organization) {
  return {identity::Role::kCustomer, organization, "acme", organization,
          kAccount};
}

class Vouchers : public Desk {
 protected:
  Vouchers() {
    for (int i = 2; i <= 4; ++i) {
      Import(absl::StrCat("OWNED-", i), "owned");
    }
  }

  IssueOrder Order(const std::string& serial, const std::string& id = "") {
    IssueOrder order;
    order.device = {"acme", serial, {}};
    order.pinned_cert_der = domain_ca_.CertificateDer();
    order.expires_on = Noon() + absl::Hours(1);
    order.request_id = id;
    return order;
  }

  void Block(const std::string& serial, bool blocked = true) {
    EXPECT_TRUE(
        store_
            .SetBlocked({}, "test", Noon(), {{"acme", serial, {}}}, blocked)[0]
            .ok());
  }

  std::vector<absl::StatusOr<storage::Committed>> All(
      const std::vector<IssueOrder>& orders,
      const identity::Principal& caller = Operator()) {
    auto outcomes = vouchers_.IssueAll({}, caller, orders);
    EXPECT_TRUE(outcomes.ok()) << outcomes.status();
    EXPECT_EQ(outcomes->size(), orders.size());
    return *std::move(outcomes);
  }

  storage::MemoryIssuedVouchers issued_{store_};
  ServeVouchers vouchers_{*tools_, issued_};
};

TEST_F(Vouchers, EachItemHasItsOwnOutcome) {
  Block("OWNED-2");
  IssueOrder late = Order("OWNED-3");
  late.expires_on = Noon() - absl::Hours(1);
  IssueOrder foreign = Order("OWNED-4");
  foreign.pinned_cert_der = other_ca_.CertificateDer();
  IssueOrder broken = Order("OWNED-4");
  broken.pinned_cert_der = "no certificate";
  const struct {
    const char* what;
    IssueOrder order;
    Reason reason;  // kInternal: none
  } cases[] = {
      {"good", Order("OWNED-1"), Reason::kInternal},
      {"unknown", Order("NONE"), Reason::kDeviceUnknown},
      {"blocked", Order("OWNED-2"), Reason::kDeviceBlocked},
      {"same device again", Order("OWNED-1"), Reason::kInvalidArgument},
      {"ends in the past", late, Reason::kLifetimeInPast},
      {"another's pin", foreign, Reason::kOwnerMismatch},
      {"any domain", Order("OWNED-3"), Reason::kInvalidArgument},
      {"no certificate", broken, Reason::kInvalidArgument},
  };
  std::vector<IssueOrder> orders;
  for (const auto& c : cases) {
    orders.push_back(c.order);
  }
  const auto outcomes = All(orders);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    SCOPED_TRACE(cases[i].what);
    EXPECT_EQ(outcomes[i].ok(), cases[i].reason == Reason::kInternal);
    EXPECT_EQ(ReasonOf(outcomes[i].status()), cases[i].reason);
  }
  EXPECT_EQ(EventsOf("OWNED-1"), 1u);
  EXPECT_EQ(EventsOf("OWNED-2") + EventsOf("OWNED-3") + EventsOf("OWNED-4"),
            0u);
}

TEST_F(Vouchers, ItemsMayPinDifferentCertificatesInDifferentForms) {
  IssueOrder jws = Order("OWNED-2");
  jws.format = masa::v1::FORMAT_JWS_JSON;
  IssueOrder broken = Order("OWNED-4");
  broken.pinned_cert_der = "no certificate";
  IssueOrder any = Order(kSerial);
  any.pinned_cert_der = other_ca_.CertificateDer();
  any.expires_on.reset();
  any.nonce = "0123456789abcdef";
  const auto outcomes = All({Order("OWNED-1"), jws, broken, any});
  EXPECT_EQ(ReasonOf(outcomes[2].status()), Reason::kCertMalformed);
  for (const size_t i : {0, 1, 3}) {
    ASSERT_TRUE(outcomes[i].ok()) << outcomes[i].status();
  }
  EXPECT_EQ(outcomes[1]->voucher.format, masa::v1::FORMAT_JWS_JSON);
  EXPECT_NE(outcomes[3]->voucher.pinned_spki_sha256,
            outcomes[0]->voucher.pinned_spki_sha256);
}

TEST_F(Vouchers, OthersDevicesAreUnknownToCustomers) {
  const auto theirs =
      All({Order("OWNED-1"), Order("NONE")}, Customer("org-other"));
  EXPECT_EQ(theirs[0].status(), theirs[1].status());
  EXPECT_EQ(ReasonOf(theirs[0].status()), Reason::kDeviceUnknown);
  EXPECT_EQ(EventsOf("OWNED-1"), 0u);
  EXPECT_TRUE(All({Order("OWNED-1")}, Customer("org-acme"))[0].ok());
}

TEST_F(Vouchers, ARepeatOfTheCallGetsTheSameVouchers) {
  const std::vector<IssueOrder> orders = {Order("OWNED-1", "a"),
                                          Order("OWNED-2", "b")};
  const auto first = All(orders);
  const auto again = All(orders);
  for (size_t i = 0; i < orders.size(); ++i) {
    ASSERT_TRUE(first[i].ok() && again[i].ok());
    EXPECT_FALSE(first[i]->replayed);
    EXPECT_TRUE(again[i]->replayed);
    EXPECT_EQ(again[i]->voucher.voucher, first[i]->voucher.voucher);
  }
  // One by one it is the same request.
  const auto alone = operator_desk_->IssueVoucher({}, Operator(), orders[0]);
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_EQ(alone->voucher.voucher_id, first[0]->voucher.voucher_id);
}

// Twice: nobody looks for an earlier voucher at first, and then one does.
TEST_F(Vouchers, ARepeatIsJudgedLikeAnyOrder) {
  const IssueOrder order = Order("OWNED-1", "a");
  const auto first = operator_desk_->IssueVoucher({}, Operator(), order);
  ASSERT_TRUE(first.ok()) << first.status();
  IssueOrder another = order;
  another.expires_on = Noon() + absl::Hours(2);
  for (int turn = 0; turn < 2; ++turn) {
    Block("OWNED-1");
    EXPECT_EQ(ReasonOf(All({order})[0].status()), Reason::kDeviceBlocked);
    Block("OWNED-1", false);
    EXPECT_EQ(ReasonOf(All({another})[0].status()), Reason::kRequestIdReused);
    const auto again = std::move(All({order})[0]);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->voucher.voucher_id, first->voucher.voucher_id);
  }
  clock_.Advance(absl::Hours(1) + absl::Seconds(1));
  EXPECT_EQ(ReasonOf(All({order})[0].status()), Reason::kLifetimeInPast);
  EXPECT_EQ(EventsOf("OWNED-1"), 1u);
}

// While none is seen a repeat costs a signature that is thrown away.
TEST_F(Vouchers, RepeatsAreLookedForWhileTheyAreSeen) {
  CountingSigner counting(*signer_);
  ServeVouchers vouchers(
      Tools{store_, store_, store_, counting, verifier_, clock_, *policies_,
            *templates_, store_, store_, store_},
      issued_);
  const struct {
    absl::Duration later;
    size_t signatures;
  } calls[] = {{absl::ZeroDuration(), 1},
               {absl::ZeroDuration(), 2},
               {absl::ZeroDuration(), 2},
               {absl::Minutes(1), 2},
               {absl::Minutes(1) + absl::Seconds(1), 3},
               {-absl::Seconds(30), 3}};
  for (const auto& call : calls) {
    clock_.Advance(call.later);
    const IssueOrder order = Order("OWNED-1", "a");
    ASSERT_TRUE(vouchers.IssueAll({}, Operator(), {order})->front().ok());
    EXPECT_EQ(counting.count(), call.signatures);
  }
}

TEST_F(Vouchers, ARequestIdWithinACallStandsForOneVoucher) {
  IssueOrder longer = Order("OWNED-1", "a");
  longer.expires_on = Noon() + absl::Hours(2);
  IssueOrder form = Order("OWNED-1", "a");
  form.format = masa::v1::FORMAT_COSE_CBOR;
  for (int call = 0; call < 2; ++call) {
    const auto outcomes =
        All({Order("OWNED-1", "a"), Order("OWNED-1", "a"), longer, form});
    ASSERT_TRUE(outcomes[0].ok() && outcomes[1].ok());
    EXPECT_EQ(outcomes[0]->replayed, call > 0);
    EXPECT_TRUE(outcomes[1]->replayed);
    EXPECT_EQ(outcomes[1]->voucher.voucher, outcomes[0]->voucher.voucher);
    EXPECT_EQ(ReasonOf(outcomes[2].status()), Reason::kRequestIdReused);
    EXPECT_EQ(ReasonOf(outcomes[3].status()), Reason::kRequestIdReused);
  }
  EXPECT_EQ(EventsOf("OWNED-1"), 1u);
}

TEST_F(Vouchers, ACallTakesOneToFiveHundredItems) {
  const std::vector<IssueOrder> most(500, Order("NONE"));
  const std::vector<IssueOrder> more(501, Order("NONE"));
  for (const auto& orders : {std::vector<IssueOrder>(), more}) {
    EXPECT_EQ(ReasonOf(vouchers_.IssueAll({}, Operator(), orders).status()),
              Reason::kTooManyItems);
  }
  EXPECT_EQ(All(most).size(), 500u);
}

TEST_F(Vouchers, AStoreThatFailsReleasesNothing) {
  store_.Stop(true);
  for (const auto& outcome : All({Order("OWNED-1"), Order("OWNED-2")})) {
    EXPECT_EQ(ReasonOf(outcome.status()), Reason::kStoreUnavailable);
  }
  store_.Stop(false);
  EXPECT_EQ(EventsOf("OWNED-1"), 0u);
}

TEST_F(Vouchers, OrdersThatComeTogetherHaveTheirOwnCallersAndOutcomes) {
  std::vector<std::pair<std::string, absl::StatusOr<storage::Committed>>> said;
  std::vector<PendingOrder> calls;
  const auto add = [&](const std::string& id, const identity::Principal& caller,
                       const IssueOrder& order,
                       absl::Time deadline = absl::InfiniteFuture()) {
    calls.push_back(
        {{"rpc-" + id, "", deadline},
         caller,
         order,
         [&said, id](const auto& outcome) { said.emplace_back(id, outcome); }});
  };
  add("mine", Customer("org-acme"), Order("OWNED-1"));
  add("foreign", Customer("org-other"), Order("OWNED-1"));
  add("late", Operator(), Order("OWNED-2"), Noon());
  add("again", Operator(), Order("OWNED-1"));
  vouchers_.Issue(std::move(calls));
  std::map<std::string, absl::StatusOr<storage::Committed>> by_id(said.begin(),
                                                                  said.end());
  ASSERT_EQ(said.size(), 4u);
  ASSERT_TRUE(by_id.at("mine").ok()) << by_id.at("mine").status();
  EXPECT_EQ(by_id.at("mine")->voucher.actor, "org-acme");
  EXPECT_EQ(by_id.at("mine")->voucher.request_id, "rpc-mine");
  EXPECT_EQ(ReasonOf(by_id.at("foreign").status()), Reason::kDeviceUnknown);
  EXPECT_EQ(ReasonOf(by_id.at("late").status()), Reason::kDeadlineExceeded);
  ASSERT_TRUE(by_id.at("again").ok());
  EXPECT_EQ(by_id.at("again")->voucher.actor, "op");
  EXPECT_EQ(EventsOf("OWNED-1"), 2u);
  EXPECT_EQ(EventsOf("OWNED-2"), 0u);
}

TEST_F(Vouchers, WhatWasIssuedForADeviceIsFoundByThoseWhoSeeIt) {
  const auto issued = All({Order("OWNED-1"), Order("OWNED-2")});
  ASSERT_TRUE(issued[0].ok() && issued[1].ok());
  const storage::DeviceKey device{"acme", "OWNED-1", {}};
  const std::string& id = issued[0]->voucher.voucher_id;
  const struct {
    const char* what;
    identity::Principal caller;
    storage::DeviceKey device;
    std::string id;
    Reason reason;  // kInternal: none
    bool lists;     // the device
  } cases[] = {
      {"operator", Operator(), device, id, Reason::kInternal, true},
      {"owner", Customer("org-acme"), device, id, Reason::kInternal, true},
      {"foreign", Customer("org-other"), device, id, Reason::kDeviceUnknown,
       false},
      {"unknown",
       Operator(),
       {"acme", "NONE", {}},
       id,
       Reason::kDeviceUnknown,
       false},
      {"another device's",
       Operator(),
       {"acme", "OWNED-2", {}},
       id,
       Reason::kDeviceUnknown,
       true},
      {"no id", Operator(), device, "", Reason::kDeviceUnknown, true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto found = vouchers_.GetVoucher({}, c.caller, c.device, c.id);
    EXPECT_EQ(found.ok(), c.reason == Reason::kInternal);
    EXPECT_EQ(ReasonOf(found.status()), c.reason);
    const auto listed = vouchers_.ListVouchers({}, c.caller, {c.device}, 9);
    EXPECT_EQ(listed.ok(), c.lists);
    if (found.ok()) {
      EXPECT_EQ(found->voucher, issued[0]->voucher.voucher);
      ASSERT_EQ(listed->size(), 1u);
    }
  }
  VoucherListing later{device, Noon() + absl::Seconds(1)};
  EXPECT_TRUE(vouchers_.ListVouchers({}, Operator(), later, 9)->empty());
}

TEST_F(Vouchers, TrustAnchorsAreOfAllKeysOfTheTenantsProducts) {
  ChangeProduct([](masa::v1::Product* product) {
    product->set_nonceless_signing_key("key-p384");
  });
  const auto anchors = vouchers_.TrustAnchors({}, Customer("org-other"));
  ASSERT_TRUE(anchors.ok()) << anchors.status();
  ASSERT_EQ(anchors->size(), 2u);
  const TrustAnchor& common = anchors->at(0);
  EXPECT_EQ(common.signing_key, "key");
  EXPECT_EQ(common.product_ids, (std::vector<std::string>{"default", "owned"}));
  EXPECT_EQ(common.algorithm, SignatureAlgorithm::kEcdsaP256Sha256);
  ASSERT_EQ(common.chain_der.size(), 2u);
  EXPECT_EQ(common.chain_der[1], voucher_root_.CertificateDer());
  EXPECT_EQ(common.not_after, Noon() + absl::Hours(24 * 365));
  EXPECT_EQ(anchors->at(1).signing_key, "key-p384");
  EXPECT_EQ(anchors->at(1).algorithm, SignatureAlgorithm::kEcdsaP384Sha384);
  EXPECT_EQ(anchors->at(1).product_ids, std::vector<std::string>{"default"});
  EXPECT_TRUE(
      vouchers_
          .TrustAnchors({}, {identity::Role::kOperator, "op", "globex", ""})
          ->empty());
}

}  // namespace
}  // namespace masa::issuance
