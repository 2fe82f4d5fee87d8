// PKCS#10 requests for tests and benchmarks, made by BoringSSL and not by the
// code that is tested. Aborts where the specification makes no sense.
#ifndef SERVICES_TESTING_CERTIFICATION_REQUESTS_H_
#define SERVICES_TESTING_CERTIFICATION_REQUESTS_H_

#include <string>
#include <utility>
#include <vector>

#include "openssl/evp.h"
#include "services/testing/test_pki.h"

namespace masa::testing {

struct RequestSpec {
  // As OpenSSL names them: serialNumber, CN, O, in this order.
  std::vector<std::pair<std::string, std::string>> subject;
  std::vector<std::string> alternative_names;  // DNS:a, as OpenSSL has them
  std::string challenge_password;              // empty: none
  // Dotted type and contents of an OCTET STRING.
  std::vector<std::pair<std::string, std::string>> octet_attributes = {};
  // Of which type the subject's strings are, octet by octet, as V_ASN1_* names
  // it; zero: as OpenSSL chooses for text in UTF-8.
  int subject_type = 0;
};

// The request for a device of this serial number.
RequestSpec ForDevice(const std::string& serial_number);

// DER, signed by the key.
std::string MakeRequest(const RequestSpec& spec, EVP_PKEY* key);

}  // namespace masa::testing

#endif  // SERVICES_TESTING_CERTIFICATION_REQUESTS_H_
