// Forms of leaves under an anchor that X509_verify_cert once accepted: what it
// would say of the next leaf of that form is known but for times and
// signature. Bounded; thread-safe.
#ifndef SERVICES_VERIFICATION_KNOWN_FORMS_H_
#define SERVICES_VERIFICATION_KNOWN_FORMS_H_

#include <memory>
#include <string>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "openssl/x509.h"
#include "services/executor/mutex.h"
#include "services/verification/leaf_form.h"
#include "services/verification/parsed_certificates.h"
#include "services/verifier/verifier.h"

namespace masa::verification {

// What stands above the leaves of a form.
struct FormAnchor {
  std::string der;
  std::string spki_der;
  bssl::UniquePtr<X509> certificate;
  absl::Time not_before;
  absl::Time not_after;
};

class KnownForms {
 public:
  // `parsed` outlives this.
  explicit KnownForms(const ParsedCertificates& parsed) : parsed_(parsed) {}

  // The anchor under which a leaf of `form` holds, its times and signature
  // aside; null where X509_verify_cert is to be asked. It is among the
  // question's anchors, and nothing else in the question has its name.
  std::shared_ptr<const FormAnchor> AnchorFor(const ChainQuestion& question,
                                              const LeafForm& form);

  // X509_verify_cert accepted the leaf of `question`, which is of `form`.
  // Learns the form where the chain is the leaf and a self-signed anchor that
  // constrains no names, alone of its name in the question.
  void Learn(const ChainQuestion& question, const LeafForm& form,
             const VerifiedChain& chain);

 private:
  bool IsAloneOfItsName(const ChainQuestion& question,
                        const FormAnchor& anchor) const;

  // Strangers bring anchors too. Who is left out is verified as before.
  static constexpr size_t kMost = 256;
  static constexpr size_t kMostOctets = 4096;

  const ParsedCertificates& parsed_;
  Mutex mutex_;
  // By LeafForm::shared.
  std::unordered_map<std::string, std::shared_ptr<const FormAnchor>> forms_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_KNOWN_FORMS_H_
