// What the manufacturer signs of an escrow bundle, for whom, and what the log
// says of it.
#include "services/issuance/serve_escrow.h"

#include "services/issuance/serve_vouchers.h"
#include "services/issuance/test_voucher_jobs.h"
#include "services/wire/certificate.h"
#include "storage/memory/memory_issued_vouchers.h"
#include "storage/memory/memory_job_runs.h"

namespace masa::issuance {
namespace {

constexpr char kOrigin[] = "masa.example/audit";

identity::Principal Operator() {
  return {identity::Role::kOperator, "operator", "acme", ""};
}

identity::Principal Customer(const std::string& organization) {
  return {identity::Role::kCustomer, organization, "acme", organization,
          kAccount};
}

class Escrow : public JobDesk {
 protected:
  Escrow() {
    const Identity voucher =
        testing::MakeIdentity(Spec("voucher signer", false), &voucher_root_);
    const Identity owner =
        testing::MakeIdentity(Spec("ownership signer", false), &owner_root_);
    CertificateSpec log = Spec("log", false);
    log.key = testing::KeyKind::kEd25519;
    const Identity checkpoints = testing::MakeIdentity(log);
    keys_ = *signing::LocalSigner::New(
        {{{"key", ChainOf(voucher), kVoucherKinds}, voucher.KeyPem(), ""},
         {{"owners",
           owner.CertificatePem() + owner_root_.CertificatePem(),
           {signing::Kind::kOwnershipRoot, signing::Kind::kManifest}},
          owner.KeyPem(),
          ""},
         {{"log", checkpoints.CertificatePem(), {signing::Kind::kCheckpoint}},
          checkpoints.KeyPem(),
          ""}});
    signer_of_owners_ = owner.CertificateDer();
    SetKey("owners");
  }

  void SetKey(const std::string& key) {
    masa::v1::Catalog catalog = Catalog();
    catalog.mutable_tenants(0)->set_ownership_signing_key(key);
    ASSERT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    clock_.Advance(absl::Seconds(6));
  }

  VoucherJobOrder Order() {
    VoucherJobOrder order;
    order.listing = {"org-acme", "", "", false};
    order.cert_id = "cert-org-acme";
    order.expires_on = Noon() + absl::Hours(1);
    return order;
  }

  // The id of a job that was started, and ran when `runs`.
  std::string Job(const VoucherJobOrder& order, bool runs = true) {
    const auto view = job_desk_.Start({{}, Operator()}, order);
    EXPECT_TRUE(view.ok()) << view.status();
    auto runner = JobRunner();
    while (runs && runner.RunTurn(Never)->worked) {
    }
    return view->job.job_id();
  }

  absl::StatusOr<SignedManifest> Sign(const std::string& job_id,
                                      const identity::Principal& caller,
                                      const std::string& log_key = "log") {
    Tools tools = {store_,     store_,      store_, *keys_, verifier_, clock_,
                   *policies_, *templates_, store_, store_, store_};
    ServeVouchers vouchers(tools, issued_);
    ServeEscrow desk(tools, {job_desk_, vouchers, store_.audit_log(), runs_},
                     {log_key, kOrigin});
    RequestContext context;
    context.request_id = "their call";
    return desk.SignManifest(context, caller, job_id);
  }

  // What is refused of a job, and nothing is logged.
  Reason Refusal(const std::string& job_id,
                 const identity::Principal& caller = Operator(),
                 const std::string& log_key = "log") {
    const auto waiting = *store_.audit_log().CountWaiting({});
    const auto made = Sign(job_id, caller, log_key);
    EXPECT_EQ(*store_.audit_log().CountWaiting({}), waiting);
    return made.ok() ? Reason::kInternal : ReasonOf(made.status());
  }

  std::string DevicesOf(const std::string& job_id) {
    std::string octets;
    for (;;) {
      const auto piece = job_desk_.ReadArchive(
          {}, Operator(), job_id, static_cast<int64_t>(octets.size()));
      if (piece->octets.empty()) {
        break;
      }
      octets += piece->octets;
    }
    const size_t begin = octets.find("{\"job_id\"");
    return octets.substr(begin, octets.find("\n]}\n") + 4 - begin);
  }

  Identity owner_root_ = testing::MakeIdentity(Spec("ownership root", true));
  std::unique_ptr<signing::LocalSigner> keys_;
  std::string signer_of_owners_;
  storage::MemoryIssuedVouchers issued_{store_};
  storage::MemoryJobRuns runs_;
};

std::string Sha256(const std::string& octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

TEST_F(Escrow, TheManifestSaysWhatTheArchiveHasAndWhatVerifiesIt) {
  const std::string id = Job(Order());
  const auto made = Sign(id, Operator());
  ASSERT_TRUE(made.ok()) << made.status();
  const auto said = wire::ParseEscrowManifest(made->manifest);
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_EQ(said->tenant_id, "acme");
  EXPECT_EQ(said->organization_id, "org-acme");
  EXPECT_EQ(said->job_id, id);
  EXPECT_EQ(said->at, clock_.Now());
  EXPECT_EQ(said->issued, 1);
  EXPECT_EQ(said->devices_sha256, Sha256(DevicesOf(id)));
  EXPECT_EQ(said->voucher_anchors,
            std::vector<std::string>({voucher_root_.CertificateDer()}));
  EXPECT_EQ(said->voucher_certificates.size(), 1u);
  EXPECT_EQ(said->ownership_anchors,
            std::vector<std::string>({owner_root_.CertificateDer()}));
  ASSERT_EQ(said->log_keys.size(), 1u);
  EXPECT_EQ(said->log_keys[0].find("masa.example/audit/acme+"), 0u);
  EXPECT_EQ(made->key, "owners");
  EXPECT_EQ(made->chain_der.front(), signer_of_owners_);
  EXPECT_TRUE(
      verifier_
          .VerifySignature(
              SignatureAlgorithm::kEcdsaP256Sha256,
              (*wire::Certificate::Parse(made->chain_der.front()))->spki_der,
              made->manifest, made->signature)
          .ok());
}

TEST_F(Escrow, TheLogNamesWhoTookABundle) {
  const std::string id = Job(Order());
  clock_.Advance(absl::Seconds(1));  // ids are in the order of time
  ASSERT_TRUE(Sign(id, Operator()).ok());
  const auto rows = store_.audit_log().ReadOutbox({}, {}, 1000);
  const storage::LogEntry entry = rows->back().entries.back();
  storage::LogAppend append;
  append.tenant_id = "acme";
  append.epoch = **store_.audit_log().TakeLease({}, "test", clock_.Now(),
                                                clock_.Now() + absl::Hours(1));
  append.rows = {rows->back()};
  append.after = {append.rows[0].entries.size(), std::string(32, 'r')};
  ASSERT_TRUE(store_.audit_log().Append({}, append).ok());
  const auto logged = store_.audit_log().ReadEntries({}, "acme", 0, 1);
  const storage::LogEvent& event = *logged->front().event;
  EXPECT_EQ(event.kind, storage::kEscrowExported);
  EXPECT_EQ(event.who.actor, "operator");
  EXPECT_EQ(event.who.request_id, "their call");
  EXPECT_NE(event.payload.find("org-acme"), std::string::npos);
}

// By which it is noticed that a timer exports no more.
TEST_F(Escrow, IsOnRecordAsADoneJobOnceItIsSigned) {
  EXPECT_EQ(Refusal(std::string(16, 'x')), Reason::kJobUnknown);
  EXPECT_TRUE(runs_.List({})->empty());
  ASSERT_TRUE(Sign(Job(Order()), Operator()).ok());
  const absl::Time now =
      absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now()));
  const std::vector<storage::JobRun> expected = {
      {storage::kEscrowExportJob, now}};
  EXPECT_EQ(*runs_.List({}), expected);
}

TEST_F(Escrow, IsGivenThoughItsRecordIsAway) {
  runs_.Stop(true);
  EXPECT_TRUE(Sign(Job(Order()), Operator()).ok());
}

TEST_F(Escrow, IsForWhoMayReadTheArchive) {
  const std::string id = Job(Order());
  EXPECT_EQ(Refusal(id, Customer("org-other")), Reason::kJobUnknown);
  EXPECT_EQ(Refusal(std::string(16, 'x')), Reason::kJobUnknown);
  // Their own.
  const auto view = job_desk_.Start({{}, Customer("org-acme")}, Order());
  ASSERT_TRUE(view.ok()) << view.status();
  auto runner = JobRunner();
  while (runner.RunTurn(Never)->worked) {
  }
  EXPECT_TRUE(Sign(view->job.job_id(), Customer("org-acme")).ok());
}

TEST_F(Escrow, IsOfAllDevicesOfAnOrganisationOrNot) {
  EXPECT_EQ(Refusal(Job(Order(), false)), Reason::kJobNotEnded);
  VoucherJobOrder order = Order();
  order.listing.filter = "product = \"owned\"";
  EXPECT_EQ(Refusal(Job(order)), Reason::kInvalidArgument);
  order = Order();
  order.listing.group_id = "org-acme";
  EXPECT_EQ(Refusal(Job(order)), Reason::kInvalidArgument);
  order = Order();
  order.listing.organization_id = "";
  EXPECT_EQ(Refusal(Job(order)), Reason::kInvalidArgument);
  const std::string cancelled = Job(Order(), false);
  ASSERT_TRUE(job_desk_.Cancel({{}, Operator()}, cancelled).ok());
  auto runner = JobRunner();
  while (runner.RunTurn(Never)->worked) {
  }
  EXPECT_EQ(Refusal(cancelled), Reason::kJobEnded);
}

TEST_F(Escrow, NeedsKeysThatSignHistoriesAndTheLog) {
  const std::string id = Job(Order());
  EXPECT_EQ(Refusal(id, Operator(), ""), Reason::kMisconfigured);
  SetKey("key");
  EXPECT_EQ(Refusal(id), Reason::kKeyNotForThis);
  SetKey("");
  EXPECT_EQ(Refusal(id), Reason::kMisconfigured);
}

TEST_F(Escrow, NoManifestIsReleasedOfWhichTheLogSaysNothing) {
  const std::string id = Job(Order());
  store_.audit_log().FailOnce(0, false);
  EXPECT_EQ(ReasonOf(Sign(id, Operator()).status()), Reason::kStoreUnavailable);
}

}  // namespace
}  // namespace masa::issuance
