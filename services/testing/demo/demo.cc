// demo --data DIR --port N --out DIR: one onboarding of the sandbox's device,
// told step by step. Writes voucher.vcj and audit-log.json; exits 0 only when
// the device trusts its voucher and the audit log came.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/observe/clock.h"
#include "services/status/macros.h"
#include "services/testing/files.h"
#include "services/testing/pledge.h"
#include "services/testing/registrar.h"

namespace masa::testing {
namespace {

struct Cast {
  Pledge pledge;
  Registrar registrar;
  std::string voucher_root_der;
  HttpsServer masa;
};

absl::StatusOr<Cast> ReadCast(const std::string& data, int port) {
  const std::string in = data + "/sandbox/";
  MASA_ASSIGN_OR_RETURN(const Identity idevid,
                        ReadIdentity(in + "pledge.pem", in + "pledge.key"));
  MASA_ASSIGN_OR_RETURN(const std::string idevid_ca,
                        ReadCertificateDer(in + "idevid-ca.pem"));
  MASA_ASSIGN_OR_RETURN(
      const Identity registrar,
      ReadIdentity(in + "registrar.pem", in + "registrar.key"));
  MASA_ASSIGN_OR_RETURN(const std::string domain_ca,
                        ReadCertificateDer(in + "domain-ca.pem"));
  MASA_ASSIGN_OR_RETURN(const std::string voucher_root,
                        ReadCertificateDer(in + "voucher-root.pem"));
  MASA_ASSIGN_OR_RETURN(const std::string tls_root,
                        ReadCertificateDer(in + "tls-root.pem"));
  HttpsServer masa;
  masa.port = port;
  masa.roots_der = {tls_root};
  return Cast{Pledge(idevid, {idevid_ca}), Registrar(registrar, {domain_ca}),
              voucher_root, masa};
}

absl::StatusOr<std::string> BodyOf(const absl::StatusOr<HttpAnswer>& answer,
                                   const char* what) {
  MASA_RETURN_IF_ERROR(answer.status());
  std::printf("   HTTP %d, %zu octets\n", answer->status, answer->body.size());
  if (answer->status != 200) {
    return absl::FailedPreconditionError(absl::StrCat(
        what, " was refused with ", answer->status, ": ", answer->body));
  }
  return answer->body;
}

absl::Status CheckVoucher(const Cast& cast, const std::string& voucher,
                          absl::Time now) {
  VoucherExpectation expected;
  expected.voucher_root_der = cast.voucher_root_der;
  expected.registrar_cert_der = cast.registrar.identity().CertificateDer();
  expected.registrar_chain_der = cast.registrar.chain_der();
  expected.at = now;
  MASA_ASSIGN_OR_RETURN(const wire::Voucher data,
                        cast.pledge.CheckVoucher(voucher, expected));
  std::printf("   %s trusts its registrar: assertion %s\n",
              data.serial_number.c_str(),
              std::string(wire::AssertionName(data.assertion)).c_str());
  return absl::OkStatus();
}

absl::Status Onboard(const std::string& data, int port, const std::string& out,
                     absl::Time now) {
  MASA_ASSIGN_OR_RETURN(Cast cast, ReadCast(data, port));
  std::printf("-> %s signs a voucher-request for its registrar\n",
              cast.pledge.serial_number().c_str());
  const std::string asked =
      cast.pledge.MakeRequest(cast.registrar.identity().CertificateDer(), now);
  std::printf("-> the registrar signs its own around it\n");
  MASA_ASSIGN_OR_RETURN(
      const RequestLeaves leaves,
      cast.registrar.LeavesFor(asked, cast.pledge.idevid(), now));
  const std::string request = cast.registrar.Sign(leaves);
  MASA_ASSIGN_OR_RETURN(const std::unique_ptr<HttpsClient> masa,
                        cast.registrar.Connect(cast.masa));
  std::printf("-> POST /.well-known/brski/requestvoucher\n");
  MASA_ASSIGN_OR_RETURN(
      const std::string voucher,
      BodyOf(Registrar::RequestVoucher(*masa, request), "the request"));
  MASA_RETURN_IF_ERROR(
      WriteFile(out + "/voucher.vcj", voucher, FileMode::kPublic));
  std::printf("-> the pledge checks the voucher\n");
  MASA_RETURN_IF_ERROR(CheckVoucher(cast, voucher, now));
  std::printf("-> POST /.well-known/brski/requestauditlog\n");
  MASA_ASSIGN_OR_RETURN(
      const std::string log,
      BodyOf(Registrar::RequestAuditLog(*masa, request), "the audit log"));
  return WriteFile(out + "/audit-log.json", log, FileMode::kPublic);
}

}  // namespace
}  // namespace masa::testing

int main(int argc, char** argv) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < argc; i += 2) {
    options[argv[i]] = argv[i + 1];
  }
  int port = 0;
  if (argc != 7 || options["--data"].empty() || options["--out"].empty() ||
      !absl::SimpleAtoi(options["--port"], &port) || port < 1 || port > 65535) {
    std::fprintf(stderr, "usage: demo --data DIR --port N --out DIR\n");
    return 2;
  }
  const absl::Status status = masa::testing::Onboard(
      options["--data"], port, options["--out"], masa::SystemClock().Now());
  if (!status.ok()) {
    std::fprintf(stderr, "demo: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  return 0;
}
