#include "storage/postgres/connection_faults.h"

#include "absl/strings/match.h"

namespace masa::storage {
namespace {

struct Fault {
  absl::string_view said;  // by libpq 15 (fe-secure-openssl.c, fe-connect.c)
  const char* sentence;
};

constexpr Fault kFaults[] = {
    {"certificate verify failed",
     "the database's certificate does not lead to the roots that sslrootcert "
     "names"},
    {"does not match host name",
     "the database's certificate is for another host than its URL names"},
    {"server does not support SSL",
     "the database offers no TLS, and its URL asks for it (sslmode)"},
    {"root certificate file",
     "the roots that sslrootcert of the database's URL names cannot be read"},
    {"could not load private key file",
     "the key that sslkey of the database's URL names cannot be used"},
    {"could not read certificate file",
     "the certificate that sslcert of the database's URL names cannot be read"},
    {"private key file",
     "the key that sslkey of the database's URL names cannot be used"},
    {"password authentication failed",
     "the database refuses the password of its login"},
    {"no password supplied", "the database asks its login for a password"},
    {"requires a valid client certificate",
     "the database asks its login for a certificate"},
    {"certificate authentication failed",
     "the database refuses the certificate of its login"},
    {"alert unknown ca", "the database does not trust the login's certificate"},
    {"alert certificate expired", "the certificate of the login has expired"},
    {"no pg_hba.conf entry",
     "the database admits no such login from here (pg_hba.conf)"},
    {"is not permitted to log in", "the database's login may not log in"},
};

}  // namespace

const char* SentenceOfFault(absl::string_view said) {
  for (const Fault& fault : kFaults) {
    if (absl::StrContains(said, fault.said)) {
      return fault.sentence;
    }
  }
  return "the database cannot be reached";
}

}  // namespace masa::storage
