// Voucher jobs on the store in memory, beside all that test_desk.h has: for
// tests.
#ifndef SERVICES_ISSUANCE_TEST_VOUCHER_JOBS_H_
#define SERVICES_ISSUANCE_TEST_VOUCHER_JOBS_H_

#include <string>

#include "services/issuance/run_voucher_jobs.h"
#include "services/issuance/serve_voucher_jobs.h"
#include "services/issuance/test_desk.h"
#include "storage/memory/memory_voucher_jobs.h"

namespace masa::issuance {

class JobDesk : public Desk {
 protected:
  // One that runs jobs, as the process `holder`.
  RunVoucherJobs JobRunner(char holder = 'h') {
    return {*tools_, jobs_, *registry_desk_, std::string(16, holder)};
  }

  static bool Never() { return false; }

  storage::MemoryVoucherJobs jobs_{store_};
  ServeVoucherJobs job_desk_{*tools_, jobs_, *registry_desk_};
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TEST_VOUCHER_JOBS_H_
