// Keys that are made for devices: RFC 7030 section 4.4.
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "services/issuance/test_enrollment.h"
#include "services/status/reason.h"
#include "services/testing/status_matchers.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using testing::HasReason;
using testing::IsOk;

bssl::UniquePtr<EVP_PKEY> ReadKey(absl::string_view der) {
  CBS cbs;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(der.data()), der.size());
  bssl::UniquePtr<EVP_PKEY> key(EVP_parse_private_key(&cbs));
  return CBS_len(&cbs) == 0 ? std::move(key) : nullptr;
}

class Keygen : public Enrolling {
 protected:
  Keygen() { Offer({}); }

  // Makes the profile offer keys, of these kinds.
  void Offer(const std::vector<masa::v1::EnrollmentKey>& keys) {
    masa::v1::Catalog catalog = Catalog();
    auto* profile = catalog.mutable_tenants(0)->mutable_enrollment_profiles(0);
    profile->set_server_keygen(true);
    for (const masa::v1::EnrollmentKey key : keys) {
      profile->add_keys(key);
    }
    EXPECT_THAT(store_.Apply({}, "test", Noon(), catalog), IsOk());
    clock_.Advance(absl::Minutes(1));  // longer than policies lag
  }

  EstCall KeygenFor(const std::string& serial) {
    EstCall call = CallFor(serial);
    call.operation = EstOperation::kServerKeygen;
    return call;
  }

  // The key that came is the certificate's.
  int KindOfKeyIn(const EstAnswer& answer) {
    const auto certificate =
        wire::Certificate::Parse(answer.certificates_der.front());
    EXPECT_THAT(certificate, IsOk());
    const auto key = ReadKey(answer.private_key_der->Reveal());
    if (key == nullptr || !certificate.ok()) {
      ADD_FAILURE() << "that is no PKCS#8 key";
      return EVP_PKEY_NONE;
    }
    bssl::ScopedCBB cbb;
    uint8_t* octets = nullptr;
    size_t length = 0;
    EXPECT_EQ(CBB_init(cbb.get(), 0), 1);
    EXPECT_EQ(EVP_marshal_public_key(cbb.get(), key.get()), 1);
    EXPECT_EQ(CBB_finish(cbb.get(), &octets, &length), 1);
    EXPECT_EQ((*certificate)->spki_der,
              std::string(reinterpret_cast<char*>(octets), length));
    OPENSSL_free(octets);
    return EVP_PKEY_id(key.get());
  }
};

// ES-15.
TEST_F(Keygen, TheKeyThatComesIsTheCertificatesAndNobodyElsesToHave) {
  const auto answer = desk_.AskOne(KeygenFor("S-1"));
  ASSERT_THAT(answer, IsOk());
  ASSERT_NE(answer->private_key_der, nullptr);
  EXPECT_EQ(KindOfKeyIn(*answer), EVP_PKEY_EC);
  EXPECT_EQ((*wire::Certificate::Parse(answer->certificates_der.front()))
                ->subject_serial_number,
            "S-1");
  EXPECT_EQ(CountEvents(storage::kCertificateIssued), 1);
  const std::string key(answer->private_key_der->Reveal());
  // As JSON could hold octets.
  for (const std::string& text :
       {absl::Base64Escape(key), absl::BytesToHexString(key)}) {
    for (const auto& event : store_.Events()) {
      EXPECT_EQ(event.payload.find(text), std::string::npos);
    }
  }
  const auto stored = certificates_.Ask({}, {{"acme", "S-1"}})[0];
  ASSERT_THAT(stored, IsOk());
  ASSERT_EQ(stored->certificates.size(), 1u);
  EXPECT_EQ(stored->certificates[0].certificate_der,
            answer->certificates_der.front());
}

TEST_F(Keygen, IsOfTheFirstKindThatTheProfileIssues) {
  Offer({masa::v1::ENROLLMENT_KEY_ED25519, masa::v1::ENROLLMENT_KEY_P256});
  auto answer = desk_.AskOne(KeygenFor("S-1"));
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(KindOfKeyIn(*answer), EVP_PKEY_ED25519);
  Offer({masa::v1::ENROLLMENT_KEY_RSA});
  answer = desk_.AskOne(KeygenFor("S-2"));
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(KindOfKeyIn(*answer), EVP_PKEY_RSA);
}

// ES-16: the request's key and signature are ignored, whatever they are.
TEST_F(Keygen, TheRequestsOwnKeyAndSignatureSayNothing) {
  const testing::Identity own = Make("device", false);
  EstCall call = CallFor("S-1", own);
  std::string der;
  ASSERT_TRUE(absl::Base64Unescape(call.body, &der));
  der.back() ^= 1;
  call.body = absl::Base64Escape(der);
  EXPECT_THAT(desk_.AskOne(call), HasReason(Reason::kPossessionNotProven));
  call.operation = EstOperation::kServerKeygen;
  const auto answer = desk_.AskOne(call);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(KindOfKeyIn(*answer), EVP_PKEY_EC);
  EXPECT_NE(
      (*wire::Certificate::Parse(answer->certificates_der.front()))->spki_der,
      (*wire::Certificate::Parse(own.CertificateDer()))->spki_der);
}

// ES-16.
TEST_F(Keygen, TheRequestMayBeSignedByAnAlgorithmThatIsNotKnown) {
  EstCall call = CallFor("S-1");
  std::string der;
  ASSERT_TRUE(absl::Base64Unescape(call.body, &der));
  const std::string ecdsa("\x2a\x86\x48\xce\x3d\x04\x03\x02", 8);
  ASSERT_NE(der.rfind(ecdsa), std::string::npos);
  der[der.rfind(ecdsa) + ecdsa.size() - 1] = 0x01;
  call.body = absl::Base64Escape(der);
  EXPECT_THAT(desk_.AskOne(call), HasReason(Reason::kPossessionNotProven));
  call.operation = EstOperation::kServerKeygen;
  EXPECT_THAT(desk_.AskOne(call), IsOk());
}

// ES-16: nobody's key to encrypt for is known here.
TEST_F(Keygen, AKeyToEncryptForIsNotKnown) {
  for (const char* type :
       {"1.2.840.113549.1.9.16.2.37", "1.2.840.113549.1.9.16.2.54"}) {
    EstCall call = KeygenFor("S-1");
    testing::RequestSpec spec = testing::ForDevice("S-1");
    spec.octet_attributes = {{type, "key1"}};
    call.body = absl::Base64Escape(
        testing::MakeRequest(spec, Make("device", false).key.get()));
    EXPECT_THAT(desk_.AskOne(call), HasReason(Reason::kSubjectKeyNotAllowed));
  }
  EXPECT_EQ(CountEvents(storage::kCertificateIssued), 0);
}

// A key that was not received is gone, and its certificate stands until it is
// revoked.
TEST_F(Keygen, NoKeyIsGivenTwice) {
  const EstCall call = KeygenFor("S-1");
  const auto first = desk_.AskOne(call);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(desk_.AskOne(call), HasReason(Reason::kCertExists));
  const auto certificate =
      wire::Certificate::Parse(first->certificates_der.front());
  ASSERT_THAT(
      operators_.Revoke({}, operator_, (*certificate)->serial_der, 5, {}),
      IsOk());
  const auto second = desk_.AskOne(call);
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(second->private_key_der->Reveal(),
            first->private_key_der->Reveal());
}

TEST_F(Keygen, IsForThoseWhoMayEnrol) {
  EstCall call = KeygenFor("S-1");
  call.tls_peer_chain_der.clear();
  EXPECT_THAT(desk_.AskOne(call), HasReason(Reason::kAuthenticationRequired));
  call.tls_peer_chain_der = {Make("stranger", false).CertificateDer()};
  EXPECT_THAT(desk_.AskOne(call), HasReason(Reason::kEnrollerNotAllowed));
}

TEST_F(Keygen, WhatIsNotKnownToBeStoredIsNotReleased) {
  ASSERT_THAT(desk_.AskOne(CallFor("S-0")), IsOk());  // policies are at hand
  store_.FailNext(storage::MemoryStore::Failure::kUnstored);
  const auto answer = desk_.AskOne(KeygenFor("S-1"));
  EXPECT_THAT(answer, HasReason(Reason::kStoreUnavailable));
}

TEST_F(Enrolling, NoKeysAreMadeWhereTheProfileIsSilent) {
  EstCall call = CallFor("S-1");
  call.operation = EstOperation::kServerKeygen;
  EXPECT_THAT(desk_.AskOne(call), HasReason(Reason::kNotOffered));
  EXPECT_EQ(CountEvents(storage::kCertificateIssued), 0);
}

TEST_F(Enrolling, OnlyServerKeygenHasAKeyInItsAnswer) {
  const auto answer = desk_.AskOne(CallFor("S-1"));
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->private_key_der, nullptr);
}

}  // namespace
}  // namespace masa::issuance
