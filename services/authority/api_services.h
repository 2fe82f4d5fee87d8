// The services of masa.v1 that the listener `authority.api` serves.
#ifndef SERVICES_AUTHORITY_API_SERVICES_H_
#define SERVICES_AUTHORITY_API_SERVICES_H_

#include <string>
#include <vector>

namespace masa::authority {

// Their whole names, as masa.v1.DeviceService.
std::vector<std::string> ApiServices();

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_API_SERVICES_H_
