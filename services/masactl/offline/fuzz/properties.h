// What must hold for each parser of keys' files, whatever the octets: shares in
// escrow, a ceremony's plan, requests for certificates and the parts of a
// certificate. Each function stops the process when it does not. The libFuzzer
// targets and the ordinary test call the same functions.
#ifndef SERVICES_MASACTL_OFFLINE_FUZZ_PROPERTIES_H_
#define SERVICES_MASACTL_OFFLINE_FUZZ_PROPERTIES_H_

#include "absl/strings/string_view.h"

namespace masa::masactl {

// A share that reads is written and read the same, and restores no key alone.
void CheckShareText(absl::string_view text);

// A plan that reads has names of its own, and each certificate in it is refused
// or comes out as a certificate of its subject's parts, the same twice.
void CheckPlanText(absl::string_view text);

// A request that reads has a key that can sign here.
void CheckRequestPem(absl::string_view text);

// A subject that reads is the name in a request, which the lint takes whole and
// with its own key alone.
void CheckSubject(absl::string_view text);

// What parts into a certificate's parts is put together to the same octets, by
// some algorithm or none that is known here.
void CheckParts(absl::string_view octets);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_OFFLINE_FUZZ_PROPERTIES_H_
