// What the log of a tenant is called. Pure; thread-safe.
#ifndef SERVICES_TRANSPARENCY_LOG_NAME_H_
#define SERVICES_TRANSPARENCY_LOG_NAME_H_

#include <string>

namespace masa::transparency {

// The origin of the tenant's checkpoints: `origin` and a slash before the
// tenant's id, of which anything but letters, digits, '-', and '.' and '_' not
// at its front, stands as % and two hexadecimal digits. The empty name, the
// catalog's own log, is `_catalog`, which no tenant's is.
std::string OriginOf(const std::string& origin, const std::string& tenant_id);

}  // namespace masa::transparency

#endif  // SERVICES_TRANSPARENCY_LOG_NAME_H_
