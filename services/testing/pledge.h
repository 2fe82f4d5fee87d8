// A pledge: asks for a voucher and checks the one that it gets, as RFC 8995
// sections 5.2 and 5.6.1 say. Not thread-safe.
#ifndef SERVICES_TESTING_PLEDGE_H_
#define SERVICES_TESTING_PLEDGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/testing/cms_sign.h"
#include "services/testing/requests.h"
#include "services/testing/test_pki.h"
#include "services/wire/voucher.h"

namespace masa::testing {

// What a pledge knows when it judges a voucher.
struct VoucherExpectation {
  std::string voucher_root_der;    // built into the device
  std::string registrar_cert_der;  // the registrar's, from the TLS connection
  std::vector<std::string> registrar_chain_der;  // what came with it
  absl::Time at;
};

class Pledge {
 public:
  // `chain_der` are the IDevID's issuers, which its requests enclose.
  explicit Pledge(Identity idevid, std::vector<std::string> chain_der = {});

  // The leaves of a new request, with a new nonce of 16 octets that the pledge
  // remembers. A test may change them before it signs.
  RequestLeaves NewLeaves(const std::string& registrar_cert_der,
                          absl::Time now);

  // The request that says `leaves`, in CMS, with the IDevID and its issuers.
  std::string Sign(const RequestLeaves& leaves, CmsOptions options = {}) const;

  // Both of them: a good request.
  std::string MakeRequest(const std::string& registrar_cert_der,
                          absl::Time now);

  // The voucher's data when the device may trust the registrar by it: signed
  // by a key that chains to the voucher root, for this serial number, with the
  // nonce of the last request, and pinning a certificate that the registrar's
  // chain leads to. FailedPrecondition with the first fault otherwise.
  absl::StatusOr<wire::Voucher> CheckVoucher(
      const std::string& voucher, const VoucherExpectation& expected) const;

  const std::string& nonce() const { return nonce_; }
  const std::string& serial_number() const { return serial_number_; }
  const Identity& idevid() const { return idevid_; }

 private:
  const Identity idevid_;
  const std::vector<std::string> chain_der_;
  const std::string serial_number_;
  std::string nonce_;
};

// The X520SerialNumber of a certificate's subject; empty when there is none.
std::string SubjectSerialNumber(X509* certificate);

// `time` as RFC 3339 writes it, in UTC and whole seconds.
std::string Rfc3339(absl::Time time);

}  // namespace masa::testing

#endif  // SERVICES_TESTING_PLEDGE_H_
