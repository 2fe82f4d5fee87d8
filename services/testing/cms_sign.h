// Signs a payload into CMS SignedData, rightly or wrongly as asked: for
// requests that a registrar or pledge would send. Independent of the encoder
// that makes vouchers.
#ifndef SERVICES_TESTING_CMS_SIGN_H_
#define SERVICES_TESTING_CMS_SIGN_H_

#include <string>
#include <vector>

#include "services/testing/test_pki.h"

namespace masa::testing {

struct CmsOptions {
  bool id_data = false;  // eContentType, else animaJSONVoucher
  bool signed_attributes = true;
  bool break_digest = false;  // message-digest of something else
  bool break_signature = false;
  bool detached = false;
  bool by_key_id = false;  // names the signer so, which has one
  // Certificates enclosed, DER, in this order; the signer's alone by default.
  std::vector<std::string> certificates_der;
  std::vector<std::string> crls_der;            // enclosed as they are
  std::vector<std::string> ocsp_responses_der;  // enclosed as RFC 5940 says
};

// The artifact, DER. `signer` has an EC or RSA key; SHA-256 is used.
std::string SignCms(const std::string& payload, const Identity& signer,
                    const CmsOptions& options = {});

}  // namespace masa::testing

#endif  // SERVICES_TESTING_CMS_SIGN_H_
