// A product whose claims wait for an operator's word (EP-41, AMB-15).
#include "services/issuance/approval.h"

#include <string>

#include "gtest/gtest.h"
#include "services/issuance/serve_claims.h"
#include "services/issuance/test_desk.h"
#include "services/issuance/test_racing_store.h"
#include "services/signing/signer.h"

namespace masa::issuance {
namespace {

identity::Principal Operator() {
  return {identity::Role::kOperator, "operator", "acme", ""};
}

class Approval : public Desk {
 protected:
  Approval() {
    ChangeProduct([](auto* product) { product->set_approval(true); });
  }
  std::vector<storage::Claim> Waiting() {
    const auto claims = claims_.ListClaims({}, Operator());
    EXPECT_TRUE(claims.ok()) << claims.status();
    return *claims;
  }
  absl::StatusOr<storage::Claim> Decide(const storage::Claim& claim,
                                        bool approved,
                                        const std::string& reason = "") {
    return claims_.DecideClaim({}, Operator(),
                               {"", claim.claim_id, approved, reason}, {});
  }
  size_t Count(const char* kind) {
    size_t count = 0;
    for (const auto& event : store_.Events()) {
      count += event.kind == kind ? 1 : 0;
    }
    return count;
  }

  ServeClaims claims_{*tools_};
};

// EP-41: 202 with the time to wait, recognised without client state; after the
// word, the very same request gets its voucher.
TEST_F(Approval, AClaimWaitsAndTheSameRequestGetsItsVoucher) {
  const std::string request = Request(kSerial);
  for (int i = 0; i < 3; ++i) {
    const absl::Status status =
        registrar_desk_->RequestVoucher(Call(request)).status();
    EXPECT_EQ(ReasonOf(status), Reason::kApprovalPending) << status;
    EXPECT_EQ(InfoOf(ReasonOf(status)).http_status, 202);
    EXPECT_EQ(WaitOf(status), absl::Minutes(1));
    EXPECT_NE(PublicMessage(status).find("approval"), std::string::npos);
    clock_.Advance(absl::Minutes(1));
  }
  EXPECT_EQ(EventsOf(kSerial), 0u);
  const auto waiting = Waiting();
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(waiting[0].serial_number, kSerial);
  const auto domain = wire::Certificate::Parse(domain_ca_.CertificateDer());
  EXPECT_EQ(waiting[0].domain_id, domain->DomainId());
  EXPECT_EQ(waiting[0].pinned_spki_sha256, (*domain)->spki_sha256);

  ASSERT_TRUE(Decide(waiting[0], true).ok());
  EXPECT_TRUE(Waiting().empty());
  EXPECT_EQ(Count(storage::kClaimApproved), 1u);
  const auto voucher = Ask(request);
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->nonce, kNonce);
  EXPECT_EQ(EventsOf(kSerial), 1u);
  EXPECT_TRUE(Ask(request).ok());
  EXPECT_EQ(EventsOf(kSerial), 1u);
}

// A registrar that signs its pledge's request anew means the same claim; a new
// nonce, or another domain with this one, is a claim of its own.
TEST_F(Approval, TheClaimIsTheNoncesAndTheDomains) {
  const Identity pledge = Pledge(kSerial);
  RequestLeaves leaves = RegistrarLeaves(kSerial);
  leaves.prior_signed_voucher_request =
      PledgeSigned(PledgeLeaves(kSerial), pledge);
  EXPECT_EQ(Refusal(SignedWithPledge(leaves, pledge)),
            Reason::kApprovalPending);
  leaves.created_on = At(Noon() + absl::Minutes(1));
  const std::string anew = SignedWithPledge(leaves, pledge);
  EXPECT_EQ(Refusal(anew), Reason::kApprovalPending);
  ASSERT_EQ(Waiting().size(), 1u);
  ASSERT_TRUE(Decide(Waiting()[0], true).ok());
  EXPECT_TRUE(Ask(anew).ok());

  RequestLeaves other_nonce = RegistrarLeaves(kSerial);
  other_nonce.nonce = "AAAAAAAAAAAAAAAAAAAAAA==";
  EXPECT_EQ(Refusal(Signed(other_nonce, registrar_, domain_ca_)),
            Reason::kApprovalPending);
  EXPECT_EQ(Refusal(Signed(RegistrarLeaves(kSerial), RegistrarOf(other_ca_),
                           other_ca_)),
            Reason::kApprovalPending);
  EXPECT_EQ(Waiting().size(), 2u);
}

TEST_F(Approval, ADeclinedClaimHearsWhy) {
  const std::string request = Request(kSerial);
  EXPECT_EQ(Refusal(request), Reason::kApprovalPending);
  ASSERT_TRUE(Decide(Waiting()[0], false, "sold to someone else").ok());
  const absl::Status status =
      registrar_desk_->RequestVoucher(Call(request)).status();
  EXPECT_EQ(ReasonOf(status), Reason::kApprovalDeclined);
  EXPECT_EQ(InfoOf(ReasonOf(status)).http_status, 403);
  EXPECT_NE(PublicMessage(status).find("sold to someone else"),
            std::string::npos);
  EXPECT_EQ(EventsOf(kSerial), 0u);
  EXPECT_EQ(Count(storage::kClaimDeclined), 1u);
}

// The operator's word overrides no rule: what is refused never waits, and what
// was approved is judged again when it comes.
TEST_F(Approval, AWordOverridesNoRule) {
  RequestLeaves stale = RegistrarLeaves(kSerial);
  stale.created_on = At(Noon() - absl::Hours(26));
  EXPECT_EQ(Refusal(Signed(stale, registrar_, domain_ca_)), Reason::kStale);
  EXPECT_TRUE(Waiting().empty());
  const std::string request = Request(kSerial);
  EXPECT_EQ(Refusal(request), Reason::kApprovalPending);
  ASSERT_TRUE(Decide(Waiting()[0], true).ok());
  ASSERT_TRUE(
      transfer_desk_
          ->Block({{}, Operator()}, {{"", kSerial, std::nullopt}}, false)
          .ok());
  EXPECT_EQ(Refusal(request), Reason::kDeviceBlocked);
}

// AMB-15: off unless the product says so, and then nothing is stored.
TEST_F(Approval, IsOffByDefault) {
  ChangeProduct([](auto*) {});
  EXPECT_TRUE(Ask(Request(kSerial)).ok());
  EXPECT_TRUE(Waiting().empty());
}

TEST_F(Approval, IsForOperatorsOfTheTenant) {
  EXPECT_EQ(Refusal(Request(kSerial)), Reason::kApprovalPending);
  const storage::Claim claim = Waiting()[0];
  const identity::Principal customer = {identity::Role::kCustomer, "owner",
                                        "acme", "org-acme"};
  EXPECT_EQ(ReasonOf(claims_.ListClaims({}, customer).status()),
            Reason::kPermissionDenied);
  EXPECT_EQ(
      ReasonOf(
          claims_.DecideClaim({}, customer, {"", claim.claim_id, true, ""}, {})
              .status()),
      Reason::kPermissionDenied);
  const identity::Principal foreign = {identity::Role::kOperator, "other",
                                       "other", ""};
  EXPECT_TRUE(claims_.ListClaims({}, foreign)->empty());
  EXPECT_EQ(
      ReasonOf(
          claims_.DecideClaim({}, foreign, {"", claim.claim_id, true, ""}, {})
              .status()),
      Reason::kClaimUnknown);
  EXPECT_EQ(ReasonOf(Decide(claim, false, std::string(201, 'x')).status()),
            Reason::kInvalidArgument);
}

TEST_F(Approval, AWordThatIsSentAgainIsOneWord) {
  EXPECT_EQ(Refusal(Request(kSerial)), Reason::kApprovalPending);
  const std::string id = Waiting()[0].claim_id;
  const auto decide = [&](bool approve, char digest) {
    return claims_.DecideClaim({}, Operator(), {"", id, approve, ""},
                               {"id", std::string(32, digest)});
  };
  EXPECT_TRUE(decide(true, 'a').ok());
  EXPECT_TRUE(decide(true, 'a').ok());
  EXPECT_EQ(Count(storage::kClaimApproved), 1u);
  EXPECT_EQ(ReasonOf(decide(false, 'b').status()), Reason::kRequestIdReused);
}

// Of equal words at once the second hears what the first did.
TEST_F(Approval, EqualWordsAtOnceAreOneWord) {
  EXPECT_FALSE(Ask(Request(kSerial)).ok());
  RacingStore racing(store_);
  ServeClaims second({store_, store_, store_, *signer_, verifier_, clock_,
                      *policies_, *templates_, store_, store_, racing});
  const auto approve = [claim = Waiting().at(0)](ServeClaims& desk) {
    return desk.DecideClaim({}, Operator(), {"", claim.claim_id, true, ""},
                            {"id-1", std::string(32, 'a')});
  };
  racing.recalled = [&] { ASSERT_TRUE(approve(claims_).ok()); };
  const auto again = approve(second);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->state, storage::ClaimState::kApproved);
  EXPECT_EQ(Count(storage::kClaimApproved), 1u);
}

// EP-44: no store, no word, no voucher.
TEST_F(Approval, WithoutAStoreNothingIsApproved) {
  const std::string request = Request(kSerial);
  EXPECT_EQ(Refusal(request), Reason::kApprovalPending);
  store_.Stop(true);
  EXPECT_EQ(Refusal(request), Reason::kStoreUnavailable);
  store_.Stop(false);
  EXPECT_EQ(Refusal(request), Reason::kApprovalPending);
}

}  // namespace
}  // namespace masa::issuance
