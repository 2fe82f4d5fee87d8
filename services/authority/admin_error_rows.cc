// Errors of what is asked of one process.
#include <iterator>

#include "services/authority/api_error_rows.h"

namespace masa::authority {
namespace {

constexpr ErrorRow kRows[] = {
    {"AdminService/GetBuildInfo", "acme", "", "PERMISSION_DENIED", ""},
    {"AdminService/GetConfig", "acme", "", "PERMISSION_DENIED", ""},
    {"AdminService/GetConfig", "nowhere", "", "UNAUTHENTICATED", ""},
    {"AdminService/ReloadConfig", "acme", "", "PERMISSION_DENIED", ""},
    {"AdminService/ReloadConfig", "operator", "", "MISCONFIGURED", ""},
    {"AdminService/GetLogLevel", "acme", "", "PERMISSION_DENIED", ""},
    {"AdminService/SetLogLevel", "acme", "level: LOG_LEVEL_DEBUG",
     "PERMISSION_DENIED", ""},
    {"AdminService/SetLogLevel", "operator", "lasts { seconds: -1 }",
     "INVALID_ARGUMENT", "level lasts"},
    {"AdminService/SetLogLevel", "operator",
     "level: LOG_LEVEL_DEBUG lasts { seconds: 86401 }", "INVALID_ARGUMENT",
     "lasts"},
    {"AdminService/Drain", "acme", "", "PERMISSION_DENIED", ""},
    {"AdminService/Drain", "operator", "reason: '$LONG'", "INVALID_ARGUMENT",
     "reason"},
    {"AdminService/Undrain", "acme", "", "PERMISSION_DENIED", ""},
    {"AdminService/RunSelfTest", "acme", "", "PERMISSION_DENIED", ""},
};

}  // namespace

std::vector<ErrorRow> AdminErrorRows() {
  return {std::begin(kRows), std::end(kRows)};
}

}  // namespace masa::authority
