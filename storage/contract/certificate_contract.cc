#include "storage/contract/certificate_contract.h"

#include <algorithm>

#include "services/status/reason.h"
#include "storage/audit_kinds.h"
#include "storage/certificate_rules.h"

namespace masa::storage {
namespace {

const std::string kCaKey(20, 'c');
const std::string kToken(32, 't');

template <typename T>
std::string ReasonIn(const absl::StatusOr<T>& outcome) {
  return outcome.ok() ? "OK"
                      : std::string(InfoOf(ReasonOf(outcome.status())).name);
}

std::string ReasonIn(const absl::Status& status) {
  return status.ok() ? "OK" : std::string(InfoOf(ReasonOf(status)).name);
}

}  // namespace

void CertificateContract::SetUp() {
  under_test_ = GetParam()();
  ASSERT_NE(under_test_, nullptr);
  masa::v1::Catalog catalog;
  for (const char* tenant : {"a", "b"}) {
    catalog.add_tenants()->set_tenant_id(tenant);
    for (const char* id : {"p", "q"}) {
      auto* product = catalog.add_products();
      product->set_tenant_id(tenant);
      product->set_product_id(id);
    }
  }
  const absl::Status applied =
      under_test_->catalog().Apply(context_, "tester", now_, catalog);
  ASSERT_TRUE(applied.ok()) << applied;
}

Enrollment CertificateContract::Of(const std::string& subject,
                                   char request) const {
  Enrollment enrollment;
  IssuedCertificate& certificate = enrollment.certificate;
  certificate.tenant_id = "a";
  certificate.subject = subject;
  certificate.bucket = BucketOf("a", subject);
  certificate.serial =
      SerialWithBucket(certificate.bucket, std::string(16, request));
  certificate.profile = "factory";
  certificate.signing_key = "ca@1";
  certificate.ca_key_id = kCaKey;
  certificate.certificate_der = std::string("der\0", 4) + request;
  certificate.request_digest = std::string(32, request);
  certificate.issued_at = now_ + absl::Microseconds(3);
  certificate.not_after = EndOfTime();
  certificate.requester = "line:1";
  Device device;
  device.tenant_id = "a";
  device.serial_number = subject;
  device.idevid_issuer = kCaKey;
  device.product_id = "p";
  device.idevid_cert_der = certificate.certificate_der;
  enrollment.device = device;
  return enrollment;
}

absl::StatusOr<CommittedEnrollment> CertificateContract::Enroll(
    const Enrollment& enrollment) {
  return store().Enroll(context_, {enrollment}).front();
}

EnrollmentFacts CertificateContract::Ask(const EnrollmentQuestion& question) {
  auto answer = store().Ask(context_, {question}).front();
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.value_or(EnrollmentFacts());
}

absl::StatusOr<DeviceAnswer> CertificateContract::Stored(
    const std::string& serial) {
  return under_test_->devices().Find(context_, {{{"a", serial, {}}, ""}})[0];
}

PermitBatch CertificateContract::PermitsFor(
    const std::vector<std::string>& subjects) const {
  return {"a", "factory", kToken, subjects, now_ + absl::Hours(1)};
}

TEST_P(CertificateContract, ACertificateItsDeviceAndTheirEventsAreOne) {
  const Enrollment asked = Of("S1", '1');
  const auto made = Enroll(asked);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_FALSE(made->replayed);
  const auto device = Stored("S1");
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(device->device.idevid_cert_der, asked.certificate.certificate_der);
  EXPECT_EQ(device->device.idevid_issuer, kCaKey);
  const auto found =
      store().FindCertificates(context_, {asked.certificate.serial})[0];
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, made->certificate);
  EXPECT_EQ(found->device_id, device->device.device_id);
  EXPECT_EQ(found->not_after, EndOfTime());
  EXPECT_EQ(CountEvents(kCertificateIssued), 1);
  EXPECT_EQ(CountEvents(kDeviceCreated), 0) << "one event says both";
}

TEST_P(CertificateContract, TheSameRequestFindsItsCertificateAgain) {
  const auto first = Enroll(Of("S1", '1'));
  ASSERT_TRUE(first.ok()) << first.status();
  Enrollment again = Of("S1", '2');
  again.certificate.request_digest = std::string(32, '1');
  const auto second = Enroll(again);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(second->replayed);
  EXPECT_EQ(second->certificate, first->certificate);
  EXPECT_EQ(CountEvents(kCertificateIssued), 1);
}

TEST_P(CertificateContract, ASubjectHasOneValidCertificateUnlessItIsRenewed) {
  ASSERT_TRUE(Enroll(Of("S1", '1')).ok());
  EXPECT_EQ(ReasonIn(Enroll(Of("S1", '2'))), "CERT_EXISTS");
  Enrollment renewal = Of("S1", '3');
  renewal.renewed_der = Of("S1", '1').certificate.certificate_der;
  renewal.certificate.issued_at = now_ + absl::Hours(1);
  ASSERT_TRUE(Enroll(renewal).ok());
  const EnrollmentFacts facts = Ask({"a", "S1"});
  ASSERT_EQ(facts.certificates.size(), 2u);
  EXPECT_EQ(facts.certificates[0].serial, renewal.certificate.serial);
  EXPECT_TRUE(facts.is_registered);
  EXPECT_EQ(CountEvents(kDeviceUpdated), 1);
  // Of two in one batch the second is a duplicate, and fails alone.
  const auto both = store().Enroll(context_, {Of("S2", '4'), Of("S2", '5')});
  EXPECT_EQ(ReasonIn(both[0]), "OK");
  EXPECT_EQ(ReasonIn(both[1]), "CERT_EXISTS");
}

TEST_P(CertificateContract, ARevokedCertificateMakesPlaceForAnother) {
  const Enrollment first = Of("S1", '1');
  ASSERT_TRUE(Enroll(first).ok());
  const auto revoked =
      store().Revoke(context_, "ada", now_, {"a", first.certificate.serial, 1});
  ASSERT_TRUE(revoked.ok()) << revoked.status();
  EXPECT_EQ(revoked->revoked_at, now_);
  EXPECT_EQ(revoked->revocation_reason, 1);
  EXPECT_EQ(ReasonIn(store().Revoke(context_, "ada", now_,
                                    {"a", first.certificate.serial, 4})),
            "STATE_NOT_ALLOWED");
  EXPECT_EQ(CountEvents(kCertificateRevoked), 1);
  Enrollment same = Of("S1", '2');
  same.certificate.request_digest = first.certificate.request_digest;
  const auto second = Enroll(same);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_FALSE(second->replayed);
  const auto listed = store().ListRevoked(context_, "a", kCaKey, now_);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->front().serial, first.certificate.serial);
  EXPECT_EQ(store().ListRevoked(context_, "b", kCaKey, now_)->size(), 0u);
  EXPECT_EQ(store().ListRevoked(context_, "a", "other", now_)->size(), 0u);
}

TEST_P(CertificateContract, ACallersIdStandsForOneRevocation) {
  const Enrollment first = Of("S1", '1'), second = Of("S2", '2');
  ASSERT_TRUE(Enroll(first).ok() && Enroll(second).ok());
  const OnceOrder once = {{"a", "ada", "id-1"}, std::string(32, 'd')};
  const Revocation order = {"a", first.certificate.serial, 1, once};
  ASSERT_TRUE(store().Revoke(context_, "ada", now_, order).ok());
  const auto again = store().Revoke(context_, "ada", now_, order);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->revoked_at.has_value());
  OnceOrder other = once;
  other.digest = std::string(32, 'e');
  EXPECT_EQ(
      ReasonIn(store().Revoke(context_, "ada", now_,
                              {"a", second.certificate.serial, 1, other})),
      "REQUEST_ID_REUSED");
  EXPECT_EQ(CountEvents(kCertificateRevoked), 1);
}

TEST_P(CertificateContract, ATokenIsForOneCertificateOfEachSubject) {
  ASSERT_TRUE(
      store().AddPermits(context_, "ada", now_, PermitsFor({"S1", "S2"})).ok());
  EXPECT_EQ(CountEvents(kEnrollmentTokenCreated), 1);
  EXPECT_EQ(Ask({"a", "S1", kToken}).permit,
            (Permit{"factory", now_ + absl::Hours(1)}));
  EXPECT_FALSE(Ask({"b", "S1", kToken}).permit.has_value());
  EXPECT_FALSE(Ask({"a", "S3", kToken}).permit.has_value());
  Enrollment asked = Of("S1", '1');
  asked.token_digest = kToken;
  ASSERT_TRUE(Enroll(asked).ok());
  EXPECT_FALSE(Ask({"a", "S1", kToken}).permit.has_value());
  Enrollment again = Of("S1", '2');
  again.token_digest = kToken;
  again.renewed_der = asked.certificate.certificate_der;
  EXPECT_EQ(ReasonIn(Enroll(again)), "PERMISSION_DENIED");
  Enrollment late = Of("S2", '3');
  late.token_digest = kToken;
  late.certificate.issued_at = now_ + absl::Hours(2);
  EXPECT_EQ(ReasonIn(Enroll(late)), "PERMISSION_DENIED");
  // What is over goes with the next token.
  PermitBatch next = PermitsFor({"S9"});
  next.token_digest = std::string(32, 'u');
  next.expires_at = now_ + absl::Hours(9);
  ASSERT_TRUE(
      store().AddPermits(context_, "ada", now_ + absl::Hours(2), next).ok());
  EXPECT_FALSE(Ask({"a", "S2", kToken}).permit.has_value());
}

TEST_P(CertificateContract, WhatIsRefusedIsNotStoredByHalves) {
  Enrollment unknown = Of("S1", '1');
  unknown.device->product_id = "none";
  EXPECT_EQ(ReasonIn(Enroll(unknown)), "PRODUCT_UNKNOWN");
  Enrollment misplaced = Of("S1", '1');
  misplaced.certificate.bucket ^= 1;
  EXPECT_EQ(ReasonIn(Enroll(misplaced)), "INVALID_ARGUMENT");
  Enrollment nameless = Of("S1", '1');
  nameless.certificate.subject = "\xff";
  EXPECT_EQ(ReasonIn(Enroll(nameless)), "INVALID_ARGUMENT");
  EXPECT_EQ(ReasonIn(Stored("S1")), "DEVICE_UNKNOWN");
  EXPECT_TRUE(Ask({"a", "S1"}).certificates.empty());
  EXPECT_EQ(CountEvents(kCertificateIssued), 0);
  PermitBatch many = PermitsFor(std::vector<std::string>(1001, "S"));
  EXPECT_EQ(ReasonIn(store().AddPermits(context_, "ada", now_, many)),
            "INVALID_ARGUMENT");
}

// Whether its caller thinks that the subject is known or not.
TEST_P(CertificateContract, EachOfABatchHasItsOwnFate) {
  for (const bool is_known : {false, true}) {
    const std::string mark = is_known ? "k" : "u";
    const char first = is_known ? '1' : 'a';
    Enrollment there = Of(mark + "1", first);
    ASSERT_TRUE(Enroll(there).ok());
    there.certificate.request_digest = std::string(32, 'x');
    Enrollment unknown = Of(mark + "2", static_cast<char>(first + 1));
    unknown.device->product_id = "none";
    Enrollment good = Of(mark + "3", static_cast<char>(first + 2));
    Enrollment other = Of(mark + "4", static_cast<char>(first + 3));
    Enrollment same = Of(mark + "4", static_cast<char>(first + 4));
    std::vector<Enrollment> batch = {there, unknown, good, other, same};
    for (Enrollment& one : batch) {
      one.is_known = is_known;
    }
    const auto outcomes = store().Enroll(context_, batch);
    std::vector<std::string> reasons;
    for (const auto& outcome : outcomes) {
      reasons.push_back(ReasonIn(outcome));
    }
    EXPECT_EQ(reasons,
              (std::vector<std::string>{"CERT_EXISTS", "PRODUCT_UNKNOWN", "OK",
                                        "OK", "CERT_EXISTS"}));
    EXPECT_EQ(ReasonIn(Stored(mark + "2")), "DEVICE_UNKNOWN");
    EXPECT_EQ(ReasonIn(Stored(mark + "3")), "OK");
  }
  EXPECT_EQ(CountEvents(kCertificateIssued), 6);
  EXPECT_EQ(CountEvents(kDeviceUpdated), 0);
}

TEST_P(CertificateContract, OfANewDeviceAllIsStored) {
  Enrollment plain = Of("S1", '1'), full = Of("S2", '2');
  full.device->model = "M";
  full.device->labels = {{"site", "north"}};
  full.device->details.sales_order = "4711";
  Enrollment server = Of("host.example", '3');
  server.device.reset();
  Enrollment other = Of("S4", '4');
  other.device->product_id = "q";
  for (const auto& outcome :
       store().Enroll(context_, {other, server, plain, full})) {
    ASSERT_TRUE(outcome.ok()) << outcome.status();
  }
  for (const Enrollment& one : {plain, full, other}) {
    const auto stored = Stored(one.certificate.subject);
    ASSERT_TRUE(stored.ok()) << stored.status();
    EXPECT_EQ(stored->device.product_id, one.device->product_id);
    EXPECT_EQ(stored->device.idevid_issuer, kCaKey);
    EXPECT_EQ(stored->device.idevid_cert_der, one.certificate.certificate_der);
    EXPECT_EQ(stored->device.created_at, one.certificate.issued_at);
    EXPECT_EQ(stored->device.updated_at, one.certificate.issued_at);
    EXPECT_EQ(stored->device.state, one.device->state);
    EXPECT_EQ(stored->device.model, one.device->model);
    EXPECT_EQ(stored->device.labels, one.device->labels);
    EXPECT_EQ(stored->device.version, 1);
  }
  EXPECT_EQ(ReasonIn(Stored("host.example")), "DEVICE_UNKNOWN");
  EXPECT_EQ(Ask({"a", "host.example"}).certificates.size(), 1u);
}

TEST_P(CertificateContract, ListsByPagesAndFilters) {
  std::vector<std::string> serials;
  for (const char c : {'1', '2', '3', '4'}) {
    const Enrollment made = Of(std::string("S") + c, c);
    ASSERT_TRUE(Enroll(made).ok());
    serials.push_back(made.certificate.serial);
  }
  std::sort(serials.begin(), serials.end());
  ASSERT_TRUE(store().Revoke(context_, "ada", now_, {"a", serials[2], 0}).ok());
  const auto first = store().ListCertificates(context_, {"a"}, "", 3);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->size(), 3u);
  EXPECT_EQ((*first)[2].serial, serials[2]);
  const auto rest = store().ListCertificates(context_, {"a"}, serials[2], 3);
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ(rest->front().serial, serials[3]);
  const auto count = [this](const CertificateFilter& filter) {
    return store().ListCertificates(context_, filter, "", 9)->size();
  };
  EXPECT_EQ(count({"b"}), 0u);
  EXPECT_EQ(count({"a", "factory"}), 4u);
  EXPECT_EQ(count({"a", "other"}), 0u);
  EXPECT_EQ(count({"a", "", "S3"}), 1u);
  EXPECT_EQ(count({"a", "", "", true}), 1u);
  EXPECT_EQ(count({"a", "", "", false}), 3u);
}

TEST_P(CertificateContract, NothingIsKnownOfStrangersSerialNumbers) {
  for (const std::string& serial :
       {std::string(), std::string(18, '\x7f'), std::string(18, '\x41')}) {
    EXPECT_EQ(ReasonIn(store().FindCertificates(context_, {serial})[0]),
              "CERT_NOT_FOUND");
    EXPECT_EQ(ReasonIn(store().Revoke(context_, "ada", now_, {"a", serial})),
              "CERT_NOT_FOUND");
  }
  const Enrollment made = Of("S1", '1');
  ASSERT_TRUE(Enroll(made).ok());
  EXPECT_EQ(ReasonIn(store().Revoke(context_, "ada", now_,
                                    {"b", made.certificate.serial})),
            "CERT_NOT_FOUND");
}

TEST_P(CertificateContract, SaysWhenItCannotAnswer) {
  if (!under_test_->Stop()) {
    GTEST_SKIP() << "this store cannot be stopped here";
  }
  EXPECT_EQ(ReasonIn(Enroll(Of("S1", '1'))), "STORE_UNAVAILABLE");
  EXPECT_EQ(ReasonIn(store().Ask(context_, {{"a", "S1"}})[0]),
            "STORE_UNAVAILABLE");
  EXPECT_EQ(ReasonIn(store().ListRevoked(context_, "a", kCaKey, now_)),
            "STORE_UNAVAILABLE");
  under_test_->Restart();
  EXPECT_EQ(ReasonIn(Enroll(Of("S1", '1'))), "OK");
}

}  // namespace masa::storage
