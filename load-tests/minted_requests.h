// Devices, registrars and what these post for them, made before anything is
// measured: the generator's own cryptography is not in the way.
#ifndef LOAD_TESTS_MINTED_REQUESTS_H_
#define LOAD_TESTS_MINTED_REQUESTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/testing/sign_request.h"
#include "services/testing/test_pki.h"

namespace masa {

// One customer's registrar with its own domain CA.
struct Domain {
  testing::Identity ca;
  testing::Identity registrar;
};

std::string SerialOf(int device);

// Writes WORK/devices.csv, the devices 0 to `count`, and the IDevID CAs as
// WORK/issuer-N.{pem,key}, 0 to 3. 0, or an exit status.
int MintDevices(const std::string& work, int count);

// The CAs that MintDevices wrote.
absl::StatusOr<std::vector<testing::Identity>> ReadIssuers(
    const std::string& work);

std::vector<Domain> MakeDomains(int count);

// What a registrar would post for a device: the pledge's request inside.
std::string MakeRequest(testing::Container container, int device,
                        const Domain& domain, const testing::Identity& issuer);

}  // namespace masa

#endif  // LOAD_TESTS_MINTED_REQUESTS_H_
