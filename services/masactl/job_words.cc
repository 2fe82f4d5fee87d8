#include "CLI/CLI.hpp"
#include "services/masactl/job_commands.h"

namespace masa::masactl {
namespace {

using Choose = std::function<void(JobCommand)>;

CLI::App* Word(CLI::App* app, const char* name, const char* what,
               JobCommand command, const Choose& choose) {
  auto* word = app->add_subcommand(name, what);
  word->fallthrough()->callback([command, choose] { choose(command); });
  return word;
}

void AddStart(CLI::App* job, JobArguments& a, const Choose& choose) {
  auto* start = Word(job, "start",
                     "begin to issue a voucher for each device of a selection",
                     StartJob, choose);
  start->add_option("--organization", a.organization,
                    "whose devices; yours, or all of the manufacturer's");
  start->add_option("--group", a.group, "of the organisation's devices");
  start->add_option("--filter", a.filter, "as of `device list`");
  start->add_option("--domain-cert", a.domain_cert_file,
                    "certificate to pin, PEM or DER");
  start->add_option("--cert-id", a.cert_id,
                    "domain certificate on record to pin");
  start->add_flag("--est", a.est,
                  "for the EST server on record: pin its certificate");
  start->add_option("--expires-in", a.expires_in, "20m, 720h");
  start->add_flag("--endless", a.endless,
                  "no end, where product and customer may");
  start->add_option("--format", a.format, "cms when absent")
      ->check(CLI::IsMember({"cms", "jws", "cose"}));
  start->add_option("--request-id", a.request_id,
                    "your own id: a repeat finds the same job");
  start->add_flag("--check", a.check,
                  "say how many devices there are, start nothing");
}

}  // namespace

void AddJobWords(CLI::App& app, JobArguments& arguments, const Choose& choose) {
  CLI::App* job = app.get_subcommand("voucher")
                      ->add_subcommand(
                          "job", "vouchers for whole fleets, in the background")
                      ->require_subcommand(1)
                      ->fallthrough();
  AddStart(job, arguments, choose);
  Word(job, "list", "jobs, newest first", ListJobs, choose);
  const struct {
    const char* name;
    const char* what;
    JobCommand command;
  } words[] = {
      {"get", "how far a job is", GetJob},
      {"watch", "a job, until it has ended", WatchJob},
      {"cancel", "end a job; what it issued stays", CancelJob},
      {"download", "the vouchers of an ended job", DownloadJob},
  };
  for (const auto& one : words) {
    auto* word = Word(job, one.name, one.what, one.command, choose);
    word->add_option("JOB", arguments.job_id)->required();
    if (one.command == &DownloadJob) {
      word->add_option("--out", arguments.out_file,
                       "the tar to write, with a manifest of digests")
          ->required();
    }
  }
}

}  // namespace masa::masactl
