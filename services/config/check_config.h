// Checks a configuration whole, so that a process starts or says everything
// that is wrong with it.
#ifndef SERVICES_CONFIG_CHECK_CONFIG_H_
#define SERVICES_CONFIG_CHECK_CONFIG_H_

#include <string>
#include <vector>

#include "proto/masa/v1/config.pb.h"

namespace masa::config {

// The roles that a process takes.
struct Roles {
  bool edge = false;
  bool authority = false;
  bool signer = false;
};

// Every fault of `config` for a process of these roles, with its path. Files
// are looked for below `folder` unless their path is absolute.
std::vector<std::string> CheckConfig(const masa::v1::Config& config,
                                     const Roles& roles,
                                     const std::string& folder);

// `path` below `folder`, or itself when absolute.
std::string Below(const std::string& folder, const std::string& path);

}  // namespace masa::config

#endif  // SERVICES_CONFIG_CHECK_CONFIG_H_
