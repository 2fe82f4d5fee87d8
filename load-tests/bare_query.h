// The least that a batch of look-ups costs, for the figure resolve_plural: the
// service's own prepared statement over bare libpq, whose rows nobody reads.
#ifndef LOAD_TESTS_BARE_QUERY_H_
#define LOAD_TESTS_BARE_QUERY_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "proto/masa/v1/device.pb.h"

namespace masa {

class BareQuery {
 public:
  // Asks what these calls ask, of this tenant's devices.
  BareQuery(const std::string& database_url, const std::string& tenant_id,
            const std::vector<masa::v1::ResolveOwnershipsRequest>& calls);

  // Statements per second over so many connections, each with one outstanding.
  // Ends the program when one fails or finds too little.
  double Run(size_t connections, std::chrono::duration<double> time) const;

 private:
  // A call's parameters in binary form.
  struct Parameters {
    std::vector<std::string> octets;
    int devices = 0;
  };

  const std::string database_url_;
  std::vector<Parameters> calls_;
};

}  // namespace masa

#endif  // LOAD_TESTS_BARE_QUERY_H_
