#include "CLI/CLI.hpp"
#include "services/masactl/escrow_commands.h"
#include "services/masactl/positive_count.h"

namespace masa::masactl {
namespace {

CLI::App* Word(CLI::App* escrow, const char* name, const char* what,
               EscrowCommand command,
               const std::function<void(EscrowCommand)>& choose) {
  auto* word = escrow->add_subcommand(name, what);
  word->fallthrough()->callback([command, choose] { choose(command); });
  return word;
}

void AddJobOptions(CLI::App* exported, JobArguments& job) {
  exported->add_option("--organization", job.organization,
                       "the owner; yours when absent");
  exported->add_option("--job", job.job_id,
                       "an ended voucher job for all of its devices; a new one "
                       "when absent");
  exported->add_option("--domain-cert", job.domain_cert_file,
                       "certificate to pin, PEM or DER");
  exported->add_option("--cert-id", job.cert_id,
                       "domain certificate on record to pin");
  exported->add_flag("--est", job.est,
                     "for the EST server on record: pin its certificate");
  exported->add_option("--expires-in", job.expires_in, "8760h");
  exported->add_flag("--endless", job.endless,
                     "no end, where product and customer may");
  exported->add_option("--format", job.format, "cms when absent")
      ->check(CLI::IsMember({"cms", "jws", "cose"}));
}

void AddPlaceOptions(CLI::App* exported, EscrowArguments& arguments) {
  auto* out = exported->add_option_group("where");
  auto* file =
      out->add_option("--out", arguments.job.out_file, "the tar to write");
  auto* folder = out->add_option(
      "--folder", arguments.folder,
      "where a tar of its own name is added, and its SHA-256 beside it");
  exported
      ->add_option("--keep", arguments.keep,
                   "how many of the organisation's tars stay in the folder")
      ->check(PositiveCount())
      ->needs(folder);
  exported->add_flag("--allow-refused", arguments.allows_refused,
                     "status 0 although devices were refused, which are "
                     "counted and not named: for timers");
  file->excludes(folder);
  out->require_option(1);
}

}  // namespace

void AddEscrowWords(CLI::App& app, EscrowArguments& arguments,
                    const std::function<void(EscrowCommand)>& choose) {
  CLI::App* escrow =
      app.add_subcommand("escrow",
                         "bundles that onboard devices without the service")
          ->require_subcommand(1)
          ->fallthrough();
  auto* exported = Word(escrow, "export",
                        "vouchers, receipts, histories and what verifies them, "
                        "for all devices of an owner",
                        ExportEscrow, choose);
  AddJobOptions(exported, arguments.job);
  AddPlaceOptions(exported, arguments);
  auto* verify = Word(escrow, "verify", "check a bundle; needs no service",
                      VerifyEscrow, choose);
  verify->add_option("FILE", arguments.bundle_file, "the tar")->required();
  verify->add_option("--anchor", arguments.anchor_file,
                     "certificate that manifest and histories lead to, PEM or "
                     "DER; without it compare what is printed");
  verify->add_option("--voucher-anchor", arguments.voucher_anchor_file,
                     "the same of vouchers, as devices trust it");
}

}  // namespace masa::masactl
