// A request of an EST client on its way: what each step has made of it, for the
// next. Requests that come together share statements, never a fate.
#ifndef SERVICES_ISSUANCE_APPLICATION_H_
#define SERVICES_ISSUANCE_APPLICATION_H_

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/enrollment/rules.h"
#include "services/issuance/ca_key.h"
#include "services/issuance/enrollment_desk.h"
#include "services/issuance/policies.h"
#include "storage/certificate_store.h"

namespace masa::issuance {

struct Application {
  const EstCall* call = nullptr;
  absl::Status fate;  // the first refusal ends its way
  std::shared_ptr<const PolicySnapshot> policies;
  const masa::v1::Tenant* tenant = nullptr;
  const masa::v1::EnrollmentProfile* profile = nullptr;
  std::shared_ptr<const CaKey> ca;
  // Of an enrolment.
  std::optional<wire::CertificationRequest> request;
  std::string subject;
  std::string request_digest;
  enrollment::Applicant applicant;
  storage::EnrollmentFacts facts;
  std::optional<wire::CertificateForm> form;
  std::string certificate_der;  // signed
  // Signed with it; none where the CA's key could not, or is not for that.
  std::optional<storage::SignedStatus> status;
  EstAnswer answer;             // once it may be released

  bool IsEnrollment() const {
    return call->operation == EstOperation::kSimpleEnroll || IsRenewal() ||
           IsKeygen();
  }
  // The key is made here; the request's is a place holder (ES-16).
  bool IsKeygen() const {
    return call->operation == EstOperation::kServerKeygen;
  }
  bool IsRenewal() const {
    return call->operation == EstOperation::kSimpleReenroll;
  }
};

using Applications = std::vector<Application>;

// What a statement for all of them carries: it is worth its work while anybody
// waits for it. There is one at least.
inline RequestContext SharedContext(const Applications& applications) {
  RequestContext shared = applications.front().call->context;
  for (const Application& one : applications) {
    shared.deadline = std::max(shared.deadline, one.call->context.deadline);
  }
  return shared;
}

// Runs `step` for every request that nothing has refused yet.
template <typename Step>
void ForEachOpen(Applications& applications, const Step& step) {
  for (Application& one : applications) {
    if (one.fate.ok()) {
      one.fate.Update(step(one));
    }
  }
}

// The same for enrolments alone.
template <typename Step>
void ForEachEnrollment(Applications& applications, const Step& step) {
  ForEachOpen(applications, [&step](Application& one) {
    return one.IsEnrollment() ? step(one) : absl::OkStatus();
  });
}

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_APPLICATION_H_
