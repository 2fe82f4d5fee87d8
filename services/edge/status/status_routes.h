// What is asked over plain HTTP about certificates: CRLs by the name of their
// profile, and OCSP by GET and POST (RFC 6960 appendix A). Pure.
#ifndef SERVICES_EDGE_STATUS_STATUS_ROUTES_H_
#define SERVICES_EDGE_STATUS_STATUS_ROUTES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace masa::edge {

struct StatusQuestion {
  enum class Kind {
    kNothing = 0,
    kCrl = 1,
    kOcsp = 2,
    kWrongMethod = 3,
    kMalformed = 4  // no OCSP request about one certificate
  };
  Kind kind = Kind::kNothing;
  const char* allow = "";   // the methods of what is asked for
  std::string profile;      // of a CRL
  std::string request_der;  // of OCSP
  std::string cert_id_der;  // the CertID in it
};

StatusQuestion StatusQuestionOf(absl::string_view method,
                                absl::string_view target,
                                const std::string& body);

}  // namespace masa::edge

#endif  // SERVICES_EDGE_STATUS_STATUS_ROUTES_H_
