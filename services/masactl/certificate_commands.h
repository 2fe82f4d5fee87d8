// Commands about certificates that the EST side issued, and about who may ask
// for one. As in commands.h: each writes to `out`, and returns the exit status
// or an error.
#ifndef SERVICES_MASACTL_CERTIFICATE_COMMANDS_H_
#define SERVICES_MASACTL_CERTIFICATE_COMMANDS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/masactl/commands.h"

namespace CLI {
class App;
}

namespace masa::masactl {

// What the words of these commands fill.
struct CertificateArguments {
  std::string serial;
  std::string profile;
  std::string subject;
  std::string out_file;
  std::string reason = "unspecified";
  std::string expires_in = "24h";
  std::string request_id;
  std::vector<std::string> subjects;
  bool only_revoked = false;
  bool only_valid = false;
};

using CertificateCommand = absl::StatusOr<int> (*)(
    const CommonOptions& options, const CertificateArguments& arguments,
    Terminal terminal);

// All pages.
absl::StatusOr<int> ListCertificates(const CommonOptions& options,
                                     const CertificateArguments& arguments,
                                     Terminal terminal);
absl::StatusOr<int> GetCertificate(const CommonOptions& options,
                                   const CertificateArguments& arguments,
                                   Terminal terminal);
absl::StatusOr<int> RevokeCertificate(const CommonOptions& options,
                                      const CertificateArguments& arguments,
                                      Terminal terminal);
// Makes the token here, tells the service its hash, and prints it once.
absl::StatusOr<int> CreateEnrollmentToken(const CommonOptions& options,
                                          const CertificateArguments& arguments,
                                          Terminal terminal);

// Adds the words `cert` and `est` with those of these commands; `choose` is
// called with the command that they name. All outlive the parsing.
void AddCertificateWords(CLI::App& app, CertificateArguments& arguments,
                         const std::function<void(CertificateCommand)>& choose);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_CERTIFICATE_COMMANDS_H_
