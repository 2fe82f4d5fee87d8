#include "CLI/CLI.hpp"
#include "services/masactl/escrow_commands.h"

namespace masa::masactl {
namespace {

CLI::App* Word(CLI::App* escrow, const char* name, const char* what,
               EscrowCommand command,
               const std::function<void(EscrowCommand)>& choose) {
  auto* word = escrow->add_subcommand(name, what);
  word->fallthrough()->callback([command, choose] { choose(command); });
  return word;
}

}  // namespace

void AddEscrowWords(CLI::App& app, EscrowArguments& arguments,
                    const std::function<void(EscrowCommand)>& choose) {
  CLI::App* escrow =
      app.add_subcommand("escrow",
                         "bundles that onboard devices without the service")
          ->require_subcommand(1)
          ->fallthrough();
  JobArguments& job = arguments.job;
  auto* exported = Word(escrow, "export",
                        "vouchers, receipts, histories and what verifies them, "
                        "for all devices of an owner",
                        ExportEscrow, choose);
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
  exported->add_option("--format", job.format)
      ->check(CLI::IsMember({"cms", "jws", "cose"}));
  exported->add_option("--out", job.out_file, "the tar to write")->required();
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
