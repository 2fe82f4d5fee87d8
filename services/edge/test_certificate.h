// Certificates that signed themselves, made on the spot for tests of TLS.
#ifndef SERVICES_EDGE_TEST_CERTIFICATE_H_
#define SERVICES_EDGE_TEST_CERTIFICATE_H_

#include <string>

namespace masa::edge {

struct TestCertificate {
  std::string certificate_pem;
  std::string certificate_der;
  std::string key_pem;  // P-256, PKCS#8
};

// Valid for a day around now, common name `name`.
TestCertificate MakeSelfSigned(const std::string& name);

}  // namespace masa::edge

#endif  // SERVICES_EDGE_TEST_CERTIFICATE_H_
