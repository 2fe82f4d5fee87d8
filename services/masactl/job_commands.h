// Commands about voucher jobs. As in commands.h: each writes to `out`, and
// returns the exit status or an error.
#ifndef SERVICES_MASACTL_JOB_COMMANDS_H_
#define SERVICES_MASACTL_JOB_COMMANDS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "proto/masa/v1/voucher_job.pb.h"
#include "services/masactl/commands.h"

namespace CLI {
class App;
}

namespace masa::masactl {

// What the words of these commands fill.
struct JobArguments {
  std::string organization;
  std::string group;
  std::string filter;
  std::string domain_cert_file;
  std::string cert_id;
  bool est = false;
  std::string expires_in;
  bool endless = false;
  std::string format = "cms";
  std::string request_id;
  bool check = false;
  std::string job_id;
  std::string out_file;
};

using JobCommand = absl::StatusOr<int> (*)(const CommonOptions& options,
                                           const JobArguments& arguments,
                                           Terminal terminal);

// What StartJob says of: the job that was begun, or checked.
absl::StatusOr<masa::v1::VoucherJob> BeginJob(const CommonOptions& options,
                                              const JobArguments& arguments);
absl::StatusOr<int> StartJob(const CommonOptions& options,
                             const JobArguments& arguments, Terminal terminal);
absl::StatusOr<int> ListJobs(const CommonOptions& options,
                             const JobArguments& arguments, Terminal terminal);
absl::StatusOr<int> GetJob(const CommonOptions& options,
                           const JobArguments& arguments, Terminal terminal);
// Until the job has ended, with a progress bar: 0 when each device has its
// voucher, 2 when some have, 1 when none has.
absl::StatusOr<int> WatchJob(const CommonOptions& options,
                             const JobArguments& arguments, Terminal terminal);
absl::StatusOr<int> CancelJob(const CommonOptions& options,
                              const JobArguments& arguments, Terminal terminal);
// The archive, of which each file is compared with its digest before it is put
// in its place. Goes on where an earlier download broke off.
absl::StatusOr<int> DownloadJob(const CommonOptions& options,
                                const JobArguments& arguments,
                                Terminal terminal);

// Adds the word `job` to the word `voucher`, which is there; `choose` is called
// with the command that is named. All outlive the parsing.
void AddJobWords(CLI::App& app, JobArguments& arguments,
                 const std::function<void(JobCommand)>& choose);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_JOB_COMMANDS_H_
