// The guarded client: resolves, looks at every address before it connects to
// that very address, follows no redirect, and reads no more than it may. How
// long a name is waited for beyond the deadline is the system's to say
// (resolv.conf: timeout, attempts): its resolver cannot be interrupted.
#ifndef SERVICES_FETCH_HTTP_FETCHER_H_
#define SERVICES_FETCH_HTTP_FETCHER_H_

#include <atomic>
#include <string>
#include <utility>

#include "absl/types/optional.h"
#include "services/fetch/address_guard.h"
#include "services/fetch/fetcher.h"
#include "services/fetch/tls_trust.h"
#include "services/observe/clock.h"

namespace masa::fetch {

struct HttpLimits {
  absl::Duration time = absl::Seconds(3);  // from name to last octet
  size_t body_octets = 1024 * 1024;
  // At once; more are refused, so that strangers' slow servers never hold the
  // threads that answer registrars.
  int in_flight = 4;
};

class HttpFetcher final : public Fetcher {
 public:
  // `clock` outlives this. https is refused.
  HttpFetcher(AddressGuard guard, const Clock& clock, HttpLimits limits = {})
      : guard_(std::move(guard)), clock_(clock), limits_(limits) {}
  // The same, and https is spoken with servers that `trust` believes.
  HttpFetcher(AddressGuard guard, const Clock& clock, HttpLimits limits,
              TlsTrust trust)
      : guard_(std::move(guard)),
        clock_(clock),
        limits_(limits),
        trust_(std::move(trust)) {}

  absl::StatusOr<std::string> Fetch(const FetchRequest& request,
                                    absl::Time deadline) override;

 private:
  const AddressGuard guard_;
  const Clock& clock_;
  const HttpLimits limits_;
  const absl::optional<TlsTrust> trust_;
  std::atomic<int> in_flight_{0};
};

}  // namespace masa::fetch

#endif  // SERVICES_FETCH_HTTP_FETCHER_H_
