// Gets what strangers' certificates point to (requirements RV-07). The promise;
// the guarded client and the cache stand beside it.
#ifndef SERVICES_FETCH_FETCHER_H_
#define SERVICES_FETCH_FETCHER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace masa::fetch {

struct FetchRequest {
  std::string url;
  std::string body;  // empty: GET, else POST
  std::string content_type;
};

class Fetcher {
 public:
  virtual ~Fetcher() = default;

  // The body of a 200. Thread-safe; blocks no longer than until `deadline`.
  // kInvalidArgument for a URL or address that is never asked, kOverloaded for
  // whatever else keeps the answer away.
  virtual absl::StatusOr<std::string> Fetch(const FetchRequest& request,
                                            absl::Time deadline) = 0;
};

}  // namespace masa::fetch

#endif  // SERVICES_FETCH_FETCHER_H_
