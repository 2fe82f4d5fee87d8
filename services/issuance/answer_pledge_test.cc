// The cloud registrar as a use case, by the rows of the requirements' section
// 12.
#include "services/issuance/answer_pledge.h"

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "services/issuance/direct_pledge.h"
#include "services/issuance/test_pledge_desk.h"
#include "services/wire/pledge_artifact.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

class CloudRegistrar : public PledgeDeskTest {
 protected:
  absl::StatusOr<wire::Voucher> Voucher(const PledgeCall& call) {
    const auto answer = desk_.AskOne(call);
    if (!answer.ok()) {
      return answer.status();
    }
    EXPECT_EQ(answer->content_type, testing::MediaType(container_));
    EXPECT_EQ(answer->location, "");
    return Read(answer->body);
  }
  // COSE comes without the signer's certificate, so its signature is checked
  // elsewhere.
  absl::StatusOr<wire::Voucher> Read(const std::string& body) {
    return container_ == Container::kCose
               ? wire::ReadVoucher(masa::v1::FORMAT_COSE_CBOR, body)
               : Opened(body);
  }
};

// CR-11, CR-12: a whole URL to its requestvoucher, and no voucher.
TEST_F(CloudRegistrar, TheDeviceIsSentToItsOwnersRegistrar) {
  RecordRegistrar();
  const auto answer = desk_.AskOne(Asking(owned_, CloudLeaves()));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->location,
            std::string(kRegistrarUrl) + "/.well-known/brski/requestvoucher");
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(EventsOf("OWNED-1"), 0u);
}

// CR-28: a name of before leads to the same tenant, devices and owners.
TEST_F(CloudRegistrar, ANameOfBeforeLeadsToTheSamePlace) {
  RecordRegistrar();
  PledgeCall call = Asking(owned_, CloudLeaves());
  call.host = "cloud.before.example";
  EXPECT_EQ(Refused(call), Reason::kTenantUnknown);
  ChangeCatalog([](masa::v1::Catalog& catalog) {
    catalog.mutable_tenants(0)->add_host_names("cloud.before.example");
  });
  const auto answer = desk_.AskOne(call);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->location,
            std::string(kRegistrarUrl) + "/.well-known/brski/requestvoucher");
}

// CR-13..CR-15, CR-17, CR-18: in each format, with the nonce, the EST server's
// certificate, and the event of the log.
TEST_F(CloudRegistrar, TheVoucherLeadsToTheEstServer) {
  size_t events = 0;
  for (const std::string more : {"", kMoreUrl}) {
    RecordEst(more);
    for (const Container container :
         {Container::kCms, Container::kJws, Container::kCose}) {
      container_ = container;
      const auto voucher = Voucher(Asking(owned_, CloudLeaves()));
      ASSERT_TRUE(voucher.ok()) << voucher.status();
      EXPECT_EQ(voucher->est_domain, kEstDomain);
      EXPECT_EQ(voucher->additional_configuration_url, more);
      EXPECT_EQ(voucher->pinned_domain_cert_der, est_ca_.CertificateDer());
      EXPECT_EQ(voucher->serial_number, "OWNED-1");
      EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_VERIFIED);
      EXPECT_EQ(wire::NonceOctets(*voucher->nonce), wire::NonceOctets(kNonce));
      EXPECT_EQ(EventsOf("OWNED-1"), ++events);
    }
  }
  const auto found = store_.Find({}, {{{"acme", "OWNED-1", {}}, ""}});
  const auto listed = store_.ListForDevice({}, found[0]->device.bucket,
                                           found[0]->device.device_id, 1);
  EXPECT_TRUE(absl::StartsWith(listed->front().actor, "device:"));
  EXPECT_EQ(listed->front().request_id, "id");
}

// CR-30: nothing that the pledge has to carry for nothing; the signature holds
// with the key that it knows.
TEST_F(CloudRegistrar, ACoseVoucherLeavesItsCertificatesBehind) {
  RecordEst();
  container_ = Container::kCose;
  const auto answer = desk_.AskOne(Asking(owned_, CloudLeaves()));
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto artifact = wire::ParseCose(answer->body);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_TRUE(artifact->certificates.empty());
  const auto key = signer_->Describe({}, "key");
  ASSERT_TRUE(key.ok()) << key.status();
  const auto known = wire::Certificate::Parse(key->chain_der.front());
  const wire::SignerInfo& signer = artifact->signers.front();
  EXPECT_TRUE(verifier_
                  .VerifySignature(signer.algorithm, (*known)->spki_der,
                                   signer.signed_octets, signer.signature)
                  .ok());
}

// RV-24, CR-26: no second event, the same octets.
TEST_F(CloudRegistrar, TheSameRequestGetsTheSameVoucher) {
  RecordEst();
  const PledgeCall call = Asking(owned_, CloudLeaves());
  const auto first = desk_.AskOne(call);
  clock_.Advance(absl::Minutes(1));
  const auto second = desk_.AskOne(call);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->body, second->body);
  EXPECT_EQ(EventsOf("OWNED-1"), 1u);
  // It leads where the owner's record leads now, whatever was issued.
  RecordEst(kMoreUrl);
  const auto third = Voucher(call);
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(third->additional_configuration_url, kMoreUrl);
  EXPECT_EQ(EventsOf("OWNED-1"), 2u);
}

// CR-02, CR-07, CR-08, CR-24, CR-25 and what the MASA refuses as well.
TEST_F(CloudRegistrar, RefusesWhatProvesNothing) {
  RecordEst();
  const Identity foreign_ca = testing::MakeIdentity(Spec("foreign", true));
  CertificateSpec spec = Spec("pledge", false);
  spec.subject_serial_number = "OWNED-1";
  const Identity foreign = testing::MakeIdentity(spec, &foreign_ca);
  const Identity other = Pledge("OWNED-2");
  const Identity unknown = Pledge("NONE");
  const PledgeCall good = Asking(owned_, CloudLeaves());

  PledgeCall bare = good;
  bare.tls_peer_chain_der.clear();
  EXPECT_EQ(Refused(bare), Reason::kChainInvalid);
  EXPECT_EQ(Refused(Asking(foreign, CloudLeaves())), Reason::kChainInvalid);
  EXPECT_EQ(Refused(Asking(unknown, CloudLeaves("NONE"))),
            Reason::kDeviceUnknown);
  // Signed by another key than TLS showed, and for another device.
  EXPECT_EQ(Refused(From(owned_, PledgeSigned(CloudLeaves(), other))),
            Reason::kSignatureInvalid);
  EXPECT_EQ(Refused(Asking(other, CloudLeaves())), Reason::kSerialMismatch);
  RequestLeaves elsewhere = CloudLeaves();
  elsewhere.proximity_registrar_cert_der = registrar_.CertificateDer();
  EXPECT_EQ(Refused(Asking(owned_, elsewhere)), Reason::kProximityMismatch);
  EXPECT_EQ(Refused(From(owned_, "garbage")), Reason::kMalformed);
  PledgeCall odd = good;
  odd.content_type = "text/plain";
  EXPECT_EQ(Refused(odd), Reason::kMediaTypeUnknown);
  odd = good;
  odd.accept = "application/voucher-jws+json";
  EXPECT_EQ(Refused(odd), Reason::kFormatNotForDevice);
  odd = good;
  odd.host = "nobody.example";
  EXPECT_EQ(Refused(odd), Reason::kTenantUnknown);
  RequestLeaves nonceless = CloudLeaves();
  nonceless.nonce.reset();
  EXPECT_EQ(Refused(Asking(owned_, nonceless)), Reason::kNonceRequired);
  RequestLeaves stale = CloudLeaves();
  stale.created_on = At(Noon() - absl::Hours(26));
  EXPECT_EQ(Refused(Asking(owned_, stale)), Reason::kStale);
  EXPECT_EQ(EventsOf("OWNED-1"), 0u);
  EXPECT_TRUE(desk_.AskOne(good).ok());
}

// A stranger's certificate learns nothing: known and unknown serial numbers
// sound alike.
TEST_F(CloudRegistrar, StrangersLearnNothingOfSerialNumbers) {
  const Identity foreign_ca = testing::MakeIdentity(Spec("foreign", true));
  std::vector<std::string> sentences;
  for (const char* serial : {"OWNED-1", "NONE"}) {
    CertificateSpec spec = Spec("pledge", false);
    spec.subject_serial_number = serial;
    const Identity foreign = testing::MakeIdentity(spec, &foreign_ca);
    sentences.push_back(
        desk_.AskOne(Asking(foreign, CloudLeaves(serial))).status().ToString());
  }
  EXPECT_EQ(sentences[0], sentences[1]);
}

// CR-07: a device that asks for itself has no registrar to be told of.
TEST_F(CloudRegistrar, AnUnknownDeviceIsToldOfItsIdevid) {
  PledgeCall told = Asking(Pledge("NONE"), CloudLeaves("NONE"));
  const absl::Status asked = desk_.AskOne(told).status();
  told.operation = PledgeOperation::kVoucherStatus;
  told.content_type = "application/json";
  told.body = R"({"version":1,"status":true})";
  for (const absl::Status& status : {asked, desk_.AskOne(told).status()}) {
    EXPECT_EQ(ReasonOf(status), Reason::kDeviceUnknown);
    EXPECT_NE(status.message().find("this IDevID"), absl::string_view::npos);
    EXPECT_EQ(status.message().find("registrar"), absl::string_view::npos);
  }
}

// CR-06, CR-10: come back later.
TEST_F(CloudRegistrar, ADeviceWithoutAPlaceIsToldToComeBack) {
  const Identity ownerless = Pledge(kSerial);
  for (const PledgeCall& call : {Asking(ownerless, CloudLeaves(kSerial)),
                                 Asking(owned_, CloudLeaves())}) {
    const absl::Status status = desk_.AskOne(call).status();
    EXPECT_EQ(ReasonOf(status), Reason::kDeviceNotOwned);
    EXPECT_EQ(WaitOf(status), kAskAgain);
  }
}

// CR-18: an owner whose EST server got another certificate records it.
TEST_F(CloudRegistrar, AnExpiredPinIsTheOwnersToMend) {
  RecordEst();
  clock_.Advance(absl::Hours(24 * 366));
  RequestLeaves leaves = CloudLeaves();
  leaves.created_on = At(clock_.Now());
  const absl::Status status = desk_.AskOne(Asking(owned_, leaves)).status();
  EXPECT_EQ(ReasonOf(status), Reason::kDeviceNotOwned);
  EXPECT_EQ(WaitOf(status), kAskAgain);
  EXPECT_TRUE(absl::StrContains(status.message(), "expired")) << status;
}

// PN-05, PN-06: what cannot be pinned is the owner's to mend, not the device's.
TEST_F(CloudRegistrar, AnEstServersCaIsPinnedWhereItMayBe) {
  RecordEst();
  const PledgeCall call = Asking(owned_, CloudLeaves());
  EXPECT_TRUE(desk_.AskOne(call).ok());
  ChangeCatalog([](masa::v1::Catalog& catalog) {
    catalog.mutable_products(1)->set_pin(masa::v1::PIN_RULE_REGISTRAR_PUBK);
  });
  EXPECT_EQ(Refused(call), Reason::kDeviceNotOwned);
  ChangeCatalog([&](masa::v1::Catalog& catalog) {
    catalog.mutable_tenants(0)->add_public_ca_spki_sha256(
        (*wire::Certificate::Parse(est_ca_.CertificateDer()))->spki_sha256);
  });
  EXPECT_EQ(Refused(call), Reason::kDeviceNotOwned);
}

// CR-20, CR-31: no redirect to one of our own names, and no record of one.
TEST_F(CloudRegistrar, NoRedirectLeadsBackHere) {
  for (const char* host : {"https://masa.example", "https://CLOUD.masa.example",
                           "https://cloud.masa.example:443/x"}) {
    EXPECT_EQ(ReasonOf(Record({"org-acme", host, "", "", "", 1})),
              Reason::kInvalidArgument)
        << host;
  }
  // A name that became ours after it was recorded.
  RecordRegistrar();
  ChangeCatalog([](masa::v1::Catalog& catalog) {
    catalog.mutable_tenants(0)->add_host_names("registrar.owner.example");
  });
  EXPECT_EQ(Refused(Asking(owned_, CloudLeaves())), Reason::kDeviceNotOwned);
}

TEST_F(CloudRegistrar, BlockedDevicesAndDomainsGetNothing) {
  RecordEst();
  const storage::DeviceKey key = {"acme", "OWNED-1", {}};
  ASSERT_TRUE(store_.SetBlocked({}, "op", Noon(), {key}, true)[0].ok());
  const PledgeCall call = Asking(owned_, CloudLeaves());
  EXPECT_EQ(Refused(call), Reason::kDeviceBlocked);
  RecordRegistrar();
  EXPECT_EQ(Refused(call), Reason::kDeviceBlocked);
  ASSERT_TRUE(store_.SetBlocked({}, "op", Noon(), {key}, false)[0].ok());
  EXPECT_TRUE(desk_.AskOne(call).ok());
  ChangeCatalog([this](masa::v1::Catalog& catalog) {
    auto* blocked = catalog.mutable_tenants(0)->add_blocked_idevid_issuers();
    blocked->set_key_id(
        *(*wire::Certificate::Parse(idevid_ca_.CertificateDer()))
             ->subject_key_id);
  });
  EXPECT_EQ(Refused(call), Reason::kDeviceBlocked);
}

// PV-22: dates count where the product says so.
TEST_F(CloudRegistrar, AnExpiredIdevidCountsByTheProductsRule) {
  RecordRegistrar();
  CertificateSpec spec = Spec("pledge", false);
  spec.subject_serial_number = "OWNED-1";
  spec.not_after = Noon() - absl::Hours(1);
  const Identity expired = testing::MakeIdentity(spec, &idevid_ca_);
  const PledgeCall call = Asking(expired, CloudLeaves());
  EXPECT_TRUE(desk_.AskOne(call).ok());
  ChangeCatalog([](masa::v1::Catalog& catalog) {
    catalog.mutable_products(1)->set_idevid_validity_enforced(true);
  });
  EXPECT_EQ(Refused(call), Reason::kCertificateExpired);
}

// What comes together shares nothing but statements.
TEST_F(CloudRegistrar, EachOfManyHasItsOwnOutcome) {
  RecordEst();
  const Identity unknown = Pledge("NONE");
  std::vector<std::string> outcomes(3, "never answered");
  std::vector<PendingPledge> calls;
  for (const PledgeCall& call :
       {Asking(unknown, CloudLeaves("NONE")), Asking(owned_, CloudLeaves()),
        From(owned_, "garbage")}) {
    std::string& outcome = outcomes[calls.size()];
    calls.push_back(
        {call, [&outcome](absl::StatusOr<PledgeAnswer> answer) {
           outcome = answer.ok()
                         ? "OK"
                         : std::string(InfoOf(ReasonOf(answer.status())).name);
         }});
  }
  desk_.Ask(std::move(calls));
  EXPECT_EQ(outcomes,
            (std::vector<std::string>{"DEVICE_UNKNOWN", "OK", "MALFORMED"}));
}

// EP-44: nothing leaves that was not committed.
TEST_F(CloudRegistrar, AStoreThatIsAwayReleasesNothing) {
  RecordEst();
  const PledgeCall call = Asking(owned_, CloudLeaves());
  ASSERT_TRUE(desk_.AskOne(Asking(owned_, CloudLeaves())).ok());
  store_.Stop(true);
  EXPECT_EQ(Refused(call), Reason::kStoreUnavailable);
  store_.Stop(false);
}

}  // namespace
}  // namespace masa::issuance
