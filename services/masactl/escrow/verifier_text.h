// The program that checks an escrow bundle without the service, as it is put
// into each: Python, verify_escrow.py.
#ifndef SERVICES_MASACTL_ESCROW_VERIFIER_TEXT_H_
#define SERVICES_MASACTL_ESCROW_VERIFIER_TEXT_H_

namespace masa::masactl {

extern const char kVerifierText[];

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_ESCROW_VERIFIER_TEXT_H_
