// Certificates of a ceremony (RFC 5280), octet by octet from their plan: two
// who have the plan and the public keys get the same TBSCertificate. Pure.
#ifndef SERVICES_MASACTL_OFFLINE_CERTIFICATES_H_
#define SERVICES_MASACTL_OFFLINE_CERTIFICATES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/v1/ceremony.pb.h"
#include "services/verifier/verifier.h"

namespace masa::masactl {

// Who signs a certificate.
struct CertificateIssuer {
  std::string name_der;
  std::string spki_der;
  SignatureAlgorithm algorithm;
};

// What is to be signed: a CA that certifies signers directly, when `is_root`,
// else one whose key signs vouchers. InvalidArgument, naming the field of the
// plan that cannot be.
absl::StatusOr<std::string> EncodeTbs(const masa::v1::CertificatePlan& plan,
                                      const std::string& spki_der,
                                      const CertificateIssuer& issuer,
                                      bool is_root);

// InvalidArgument unless it is RFC 3339 in UTC, to the second.
absl::StatusOr<absl::Time> MomentOf(const std::string& text);

// The algorithm of this name. InvalidArgument.
absl::StatusOr<SignatureAlgorithm> AlgorithmNamed(const std::string& name);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_OFFLINE_CERTIFICATES_H_
