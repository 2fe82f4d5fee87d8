#include "load-tests/minted_requests.h"

#include <fstream>

#include "absl/time/clock.h"
#include "services/testing/files.h"

namespace masa {
namespace {

using testing::Container;
using testing::Identity;

constexpr int kIssuers = 4;

testing::CertificateSpec Spec(const std::string& name, bool is_ca) {
  testing::CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = absl::Now() - absl::Hours(24);
  spec.not_after = absl::Now() + absl::Hours(24 * 365);
  spec.is_ca = is_ca;
  return spec;
}

std::string IssuerPath(const std::string& work, int issuer,
                       const char* ending) {
  return work + "/issuer-" + std::to_string(issuer) + ending;
}

}  // namespace

std::string SerialOf(int device) {
  return "BENCH-" + std::to_string(1'000'000 + device);
}

int MintDevices(const std::string& work, int count) {
  for (int i = 0; i < kIssuers; ++i) {
    const Identity issuer =
        testing::MakeIdentity(Spec("bench idevid " + std::to_string(i), true));
    std::ofstream(IssuerPath(work, i, ".pem")) << issuer.CertificatePem();
    std::ofstream(IssuerPath(work, i, ".key")) << issuer.KeyPem();
  }
  std::ofstream devices(work + "/devices.csv");
  devices << "serial_number,product\n";
  for (int i = 0; i < count; ++i) {
    devices << SerialOf(i) << ",default\n";
  }
  return devices.good() ? 0 : 1;
}

absl::StatusOr<std::vector<Identity>> ReadIssuers(const std::string& work) {
  std::vector<Identity> issuers;
  for (int i = 0; i < kIssuers; ++i) {
    auto issuer = testing::ReadIdentity(IssuerPath(work, i, ".pem"),
                                        IssuerPath(work, i, ".key"));
    if (!issuer.ok()) {
      return issuer.status();
    }
    issuers.push_back(*std::move(issuer));
  }
  return issuers;
}

std::vector<Domain> MakeDomains(int count) {
  std::vector<Domain> domains;
  for (int i = 0; i < count; ++i) {
    Domain domain;
    domain.ca = testing::MakeIdentity(Spec("domain ca", true));
    testing::CertificateSpec spec = Spec("registrar", false);
    spec.extended_key_usages = {testing::kCmcRa, testing::kClientAuth};
    domain.registrar = testing::MakeIdentity(spec, &domain.ca);
    domains.push_back(std::move(domain));
  }
  return domains;
}

std::string MakeRequest(Container container, int device, const Domain& domain,
                        const Identity& issuer) {
  testing::CertificateSpec spec = Spec("pledge", false);
  spec.subject_serial_number = SerialOf(device);
  const Identity pledge = testing::MakeIdentity(spec, &issuer);
  testing::RequestLeaves inner;
  inner.assertion = "proximity";
  inner.serial_number = SerialOf(device);
  inner.nonce = testing::Base64(SerialOf(device) + "-nonce");
  inner.proximity_registrar_cert_der = domain.registrar.CertificateDer();
  testing::RequestLeaves outer;
  outer.created_on =
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now(), absl::UTCTimeZone());
  outer.serial_number = inner.serial_number;
  outer.nonce = inner.nonce;
  const bool cose = container == Container::kCose;
  outer.prior_signed_voucher_request = testing::SignRequest(
      container, inner, pledge,
      cose ? std::vector<std::string>()
           : std::vector<std::string>{pledge.CertificateDer()});
  std::vector<std::string> certificates = {domain.registrar.CertificateDer(),
                                           domain.ca.CertificateDer()};
  if (cose) {
    certificates.push_back(pledge.CertificateDer());
    certificates.push_back(issuer.CertificateDer());
  }
  return testing::SignRequest(container, outer, domain.registrar, certificates);
}

}  // namespace masa
