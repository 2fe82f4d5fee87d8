// The suite of the promises CertificateStore and StatusStore, run on every
// implementation beside the stores that have its devices. A test links
// :certificates_suite and says how to make them.
#ifndef STORAGE_CONTRACT_CERTIFICATE_CONTRACT_H_
#define STORAGE_CONTRACT_CERTIFICATE_CONTRACT_H_

#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "storage/catalog_store.h"
#include "storage/certificate_store.h"
#include "storage/device_store.h"
#include "storage/status_store.h"

namespace masa::storage {

// An implementation under test, empty at first.
class CertificatesUnderTest {
 public:
  virtual ~CertificatesUnderTest() = default;
  virtual CatalogStore& catalog() = 0;
  virtual DeviceStore& devices() = 0;
  virtual CertificateStore& certificates() = 0;
  virtual StatusStore& statuses() = 0;
  // Of audit events.
  virtual int CountEvents(const std::string& kind) = 0;
  // Takes the store away. False when it cannot be stopped here.
  virtual bool Stop() = 0;
  virtual void Restart() = 0;
};

using MakeCertificates =
    std::function<std::unique_ptr<CertificatesUnderTest>()>;

class CertificateContract : public ::testing::TestWithParam<MakeCertificates> {
 protected:
  void SetUp() override;

  CertificateStore& store() { return under_test_->certificates(); }
  StatusStore& statuses() { return under_test_->statuses(); }
  int CountEvents(const std::string& kind) {
    return under_test_->CountEvents(kind);
  }
  // An enrolment of tenant "a"'s device; `request` says which request it was.
  Enrollment Of(const std::string& subject, char request) const;
  // Of one item.
  absl::StatusOr<CommittedEnrollment> Enroll(const Enrollment& enrollment);
  EnrollmentFacts Ask(const EnrollmentQuestion& question);
  absl::StatusOr<DeviceAnswer> Stored(const std::string& serial);
  // As an operator does.
  void Import(const Device& device);
  void SetBlocked(const std::string& serial, bool blocked);
  absl::StatusOr<IssuedCertificate> Revoke(const Enrollment& enrollment,
                                           int32_t reason);
  // The serial numbers of those whose turn is taken.
  std::vector<std::string> Take(absl::Time now, int limit);
  // Good or revoked, as the certificate stands, for an hour.
  SignedStatus StatusOf(const IssuedCertificate& certificate) const;
  // A token for the subjects, that ends in an hour.
  PermitBatch PermitsFor(const std::vector<std::string>& subjects) const;

  const absl::Time now_ = absl::FromUnixSeconds(1700000000);
  const RequestContext context_ = {"request-1", "", absl::InfiniteFuture()};
  std::unique_ptr<CertificatesUnderTest> under_test_;
};

}  // namespace masa::storage

#endif  // STORAGE_CONTRACT_CERTIFICATE_CONTRACT_H_
