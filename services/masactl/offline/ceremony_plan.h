// What a ceremony and its check both read: the plan, requests, digests.
#ifndef SERVICES_MASACTL_OFFLINE_CEREMONY_PLAN_H_
#define SERVICES_MASACTL_OFFLINE_CEREMONY_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/masa/v1/ceremony.pb.h"
#include "services/masactl/offline/certificates.h"

namespace masa::masactl {

struct CeremonyPlan {
  masa::v1::Ceremony ceremony;
  std::string text;    // of the file
  std::string file;    // its name, without its folder
  std::string folder;  // where it and the requests are
};

// From YAML. InvalidArgument, saying what is wrong, when it does not read or
// names are missing, twice, or no plain file names.
absl::StatusOr<masa::v1::Ceremony> ParseCeremony(const std::string& text);

// The same of a file.
absl::StatusOr<CeremonyPlan> ReadPlan(const std::string& path);

// The public key (DER) of a PKCS#10 request in PEM, whose signature is checked.
// InvalidArgument, with `name`, for what is none.
absl::StatusOr<std::string> SpkiOfRequestPem(const std::string& name,
                                             const std::string& pem);

// The same of a file.
absl::StatusOr<std::string> SpkiOfRequest(const std::string& path);

// SHA-256 in hexadecimal digits.
std::string HexDigestOf(const std::string& octets);

// InvalidArgument when the file cannot be read.
absl::StatusOr<std::string> ReadWhole(const std::string& path);

// The root as the issuer of this key.
absl::StatusOr<CertificateIssuer> IssuerOf(
    const masa::v1::CertificatePlan& root, const std::string& spki_der);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_OFFLINE_CEREMONY_PLAN_H_
