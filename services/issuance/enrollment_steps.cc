#include "services/issuance/enrollment_steps.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "openssl/rand.h"
#include "services/enrollment/profile.h"
#include "services/issuance/ids.h"
#include "services/issuance/renewing_cas.h"
#include "services/issuance/server_keygen.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/est_messages.h"
#include "services/wire/media_type.h"
#include "services/wire/x509_write.h"
#include "storage/certificate_rules.h"

namespace masa::issuance {
namespace {

using enrollment::Applicant;

enrollment::Credentials CredentialsOf(const EstCall& call) {
  return {call.tls_peer_chain_der, call.authorization, call.channel_binding};
}

absl::Status CheckContentType(const EstCall& call) {
  return wire::IsOfType(call.content_type, "application/pkcs10")
             ? absl::OkStatus()
             : Refuse(Reason::kMediaTypeUnknown,
                      "a request for a certificate is application/pkcs10");
}

std::string RandomOctets(size_t count) {
  std::string random(count, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(random.data()), random.size());
  return random;
}

// A renewal of another certificate is another request. One with a key of ours
// is never made again, since nobody has that key to give.
std::string DigestOf(const Application& one) {
  if (one.IsKeygen()) {
    return RandomOctets(32);
  }
  const std::string renewed =
      one.IsRenewal() ? Sha256(one.call->tls_peer_chain_der.front()) : "";
  return Sha256(absl::StrCat(one.profile->label(), "\n", renewed, "\n",
                             one.request->der));
}

std::string NewSerial(const Application& one) {
  return storage::SerialWithBucket(
      storage::BucketOf(one.tenant->tenant_id(), one.subject),
      RandomOctets(16));
}

// Who asks. A line asks for many devices at once: it is found out once.
class Applicants {
 public:
  explicit Applicants(absl::Time now) : now_(now) {}

  absl::StatusOr<Applicant> Of(const Application& one) {
    const EstCall& call = *one.call;
    if (last_ == nullptr || last_->profile != one.profile ||
        last_->call->tls_peer_chain_der != call.tls_peer_chain_der ||
        last_->call->authorization != call.authorization) {
      applicant_ =
          enrollment::Identify(*one.profile, CredentialsOf(call), now_);
      last_ = &one;
    }
    return applicant_;
  }

 private:
  const absl::Time now_;
  const Application* last_ = nullptr;
  absl::StatusOr<Applicant> applicant_ = Applicant();
};

absl::Status ReadOne(const EnrollmentTools& tools, Application& one,
                     Applicants& applicants) {
  const enrollment::Credentials credentials = CredentialsOf(*one.call);
  if (one.IsRenewal()) {
    if (credentials.tls_chain_der.empty()) {
      return Refuse(Reason::kAuthenticationRequired,
                    "a certificate is renewed by whoever shows it in TLS");
    }
  } else {
    MASA_ASSIGN_OR_RETURN(one.applicant, applicants.Of(one));
  }
  MASA_RETURN_IF_ERROR(CheckContentType(*one.call));
  MASA_ASSIGN_OR_RETURN(const std::string der,
                        wire::DecodeEstBody(one.call->body));
  MASA_ASSIGN_OR_RETURN(one.request, wire::ParseCertificationRequest(der));
  MASA_ASSIGN_OR_RETURN(one.subject,
                        enrollment::SubjectOf(*one.profile, *one.request));
  MASA_RETURN_IF_ERROR(
      enrollment::CheckTokenNames(one.applicant, *one.request));
  one.request_digest = DigestOf(one);
  if (one.IsKeygen()) {
    return enrollment::CheckKeygen(*one.profile, *one.request);
  }
  MASA_RETURN_IF_ERROR(enrollment::CheckKey(*one.profile, *one.request));
  return enrollment::CheckPossession(*one.profile, *one.request, credentials,
                                     tools.verifier);
}

absl::Status DecideOne(Application& one, RenewingCas& cas, absl::Time now) {
  if (one.IsRenewal()) {
    MASA_ASSIGN_OR_RETURN(
        one.applicant,
        enrollment::CheckRenewal(*one.profile, *one.request,
                                 CredentialsOf(*one.call), one.facts, now));
    MASA_RETURN_IF_ERROR(cas.Keep(one));
  } else {
    MASA_RETURN_IF_ERROR(enrollment::CheckPermit(
        *one.profile, one.applicant, one.facts, one.request_digest, now));
    MASA_RETURN_IF_ERROR(enrollment::CheckRegistered(*one.profile, one.facts));
  }
  if (one.IsKeygen()) {
    MASA_RETURN_IF_ERROR(MakeKey(one));
  }
  MASA_ASSIGN_OR_RETURN(
      one.form,
      enrollment::FormFor(*one.profile, *one.request, one.ca->certificate,
                          one.ca->key.algorithm, NewSerial(one), now));
  return absl::OkStatus();
}

storage::Device DeviceFor(const Application& one) {
  storage::Device device;
  device.tenant_id = one.tenant->tenant_id();
  device.serial_number = one.subject;
  device.idevid_issuer = one.form->authority_key_id;
  device.product_id = one.profile->product_id();
  device.idevid_cert_der = one.certificate_der;
  return device;
}

storage::Enrollment RecordFor(const Application& one, absl::Time now) {
  storage::Enrollment record;
  storage::IssuedCertificate& certificate = record.certificate;
  certificate.tenant_id = one.tenant->tenant_id();
  certificate.serial = one.form->serial;
  certificate.bucket = storage::BucketOfSerial(one.form->serial);
  certificate.subject = one.subject;
  certificate.profile = one.profile->label();
  certificate.signing_key = one.ca->key.name;
  certificate.ca_key_id = one.form->authority_key_id;
  certificate.certificate_der = one.certificate_der;
  certificate.request_digest = one.request_digest;
  certificate.issued_at = now;
  certificate.not_after = std::min(one.form->not_after, storage::EndOfTime());
  certificate.requester = one.applicant.name;
  if (one.profile->kind() == masa::v1::ENROLLMENT_KIND_IDEVID) {
    record.device = DeviceFor(one);
  }
  record.token_digest = one.applicant.token_digest;
  if (one.IsRenewal()) {
    record.renewed_der = one.call->tls_peer_chain_der.front();
  }
  record.is_known = one.facts.is_registered || !one.facts.certificates.empty();
  record.status = one.status;
  return record;
}

// RFC 7030 section 4.1.3: while a CA's key changes, clients learn both. The
// chain that signs now comes first.
absl::StatusOr<std::vector<std::string>> CaCertificatesOf(
    const EnrollmentTools& tools, const Application& one, absl::Time now) {
  MASA_ASSIGN_OR_RETURN(
      const auto published,
      tools.signer.Published(one.call->context, one.profile->signing_key()));
  std::vector<std::string> told = one.ca->key.chain_der;
  for (const signing::PublishedVersion& version : published) {
    for (const std::string& der : version.chain_der) {
      if (now < version.until &&
          std::find(told.begin(), told.end(), der) == told.end()) {
        told.push_back(der);
      }
    }
  }
  return told;
}

wire::CsrAttributes AttributesOf(const masa::v1::EnrollmentProfile& profile) {
  using Subject = wire::CsrAttributes::Subject;
  return {enrollment::KeysOf(profile),
          profile.linking_required(),
          {profile.extended_key_usages().begin(),
           profile.extended_key_usages().end()},
          profile.kind() == masa::v1::ENROLLMENT_KIND_IDEVID ? Subject::kDevice
                                                             : Subject::kServer,
          profile.organization()};
}

}  // namespace

void FindProfiles(const EnrollmentTools& tools, Applications& applications) {
  ForEachOpen(applications, [&tools](Application& one) -> absl::Status {
    MASA_ASSIGN_OR_RETURN(one.policies,
                          tools.policies.Current(one.call->context));
    MASA_ASSIGN_OR_RETURN(one.tenant,
                          one.policies->TenantOfHost(one.call->host));
    MASA_ASSIGN_OR_RETURN(one.profile,
                          enrollment::ProfileOf(*one.tenant, one.call->label));
    return absl::OkStatus();
  });
}

void FindCas(const EnrollmentTools& tools, Applications& applications) {
  std::map<std::string, absl::StatusOr<std::shared_ptr<const CaKey>>> known;
  ForEachOpen(applications, [&](Application& one) -> absl::Status {
    const std::string& key = one.profile->signing_key();
    const auto found = known.find(key);
    if (found == known.end()) {
      auto ca = CaKeyOf(one.call->context, tools.signer, key);
      known.emplace(key,
                    ca.ok() ? absl::StatusOr<std::shared_ptr<const CaKey>>(
                                  std::make_shared<const CaKey>(*std::move(ca)))
                            : ca.status());
    }
    MASA_ASSIGN_OR_RETURN(one.ca, known.at(key));
    return one.profile->kind() == masa::v1::ENROLLMENT_KIND_IDEVID
               ? CheckIssuesIdevids(*one.tenant, *one.ca)
               : absl::OkStatus();
  });
}

void TellAboutCas(const EnrollmentTools& tools, Applications& applications,
                  absl::Time now) {
  ForEachOpen(applications, [&](Application& one) -> absl::Status {
    if (one.call->operation == EstOperation::kCaCerts) {
      MASA_ASSIGN_OR_RETURN(one.answer.certificates_der,
                            CaCertificatesOf(tools, one, now));
    } else if (one.call->operation == EstOperation::kCsrAttrs) {
      one.answer.csr_attributes_der =
          wire::EncodeCsrAttributes(AttributesOf(*one.profile));
    }
    return absl::OkStatus();
  });
}

void ReadRequests(const EnrollmentTools& tools, Applications& applications,
                  absl::Time now) {
  Applicants applicants(now);
  ForEachEnrollment(applications, [&](Application& one) {
    return ReadOne(tools, one, applicants);
  });
}

void LookUpSubjects(const EnrollmentTools& tools, Applications& applications) {
  std::vector<storage::EnrollmentQuestion> questions;
  std::vector<Application*> of;
  ForEachEnrollment(applications, [&](Application& one) {
    if (!one.IsRenewal() &&
        !enrollment::ReadsRecord(*one.profile, one.applicant)) {
      return absl::OkStatus();
    }
    questions.push_back(
        {one.tenant->tenant_id(), one.subject, one.applicant.token_digest});
    of.push_back(&one);
    return absl::OkStatus();
  });
  if (questions.empty()) {
    return;
  }
  auto answers = tools.certificates.Ask(SharedContext(applications), questions);
  for (size_t i = 0; i < of.size(); ++i) {
    if (answers[i].ok()) {
      of[i]->facts = *std::move(answers[i]);
    } else {
      of[i]->fate = answers[i].status();
    }
  }
}

void DecideEnrollments(const EnrollmentTools& tools, Applications& applications,
                       absl::Time now) {
  RenewingCas cas(tools, now);
  ForEachEnrollment(applications,
                    [&](Application& one) { return DecideOne(one, cas, now); });
}

void CommitCertificates(const EnrollmentTools& tools,
                        Applications& applications, absl::Time now) {
  std::vector<storage::Enrollment> records;
  std::vector<Application*> of;
  ForEachEnrollment(applications, [&](Application& one) {
    records.push_back(RecordFor(one, now));
    of.push_back(&one);
    return absl::OkStatus();
  });
  if (records.empty()) {
    return;
  }
  auto committed =
      tools.certificates.Enroll(SharedContext(applications), records);
  // If the process stops here the certificates are stored and were never
  // released; the clients' retries find them.
  for (size_t i = 0; i < of.size(); ++i) {
    if (committed[i].ok()) {
      of[i]->answer.certificates_der = {
          std::move(committed[i]->certificate.certificate_der)};
    } else {
      of[i]->fate = committed[i].status();
    }
  }
}

}  // namespace masa::issuance
