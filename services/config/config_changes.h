// In what two configurations differ, as a person reads it. Pure.
#ifndef SERVICES_CONFIG_CONFIG_CHANGES_H_
#define SERVICES_CONFIG_CONFIG_CHANGES_H_

#include <string>
#include <vector>

#include "proto/masa/v1/config.pb.h"

namespace masa::config {

struct Change {
  std::string path;    // authority.callers[2].role
  std::string before;  // empty: it was not there
  std::string after;   // empty: it is not there
};

// Every field that differs, sorted by path; of lists, by place. A section that
// is not there is as an empty one. Values that may be secret are kRedacted
// (redact.h).
std::vector<Change> ChangesOf(const masa::v1::Config& before,
                              const masa::v1::Config& after);

}  // namespace masa::config

#endif  // SERVICES_CONFIG_CONFIG_CHANGES_H_
