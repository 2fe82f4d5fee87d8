#include "CLI/CLI.hpp"
#include "services/masactl/certificate_commands.h"

namespace masa::masactl {
namespace {

using Choose = std::function<void(CertificateCommand)>;

CLI::App* Word(CLI::App* app, const char* name, const char* what,
               CertificateCommand command, const Choose& choose) {
  auto* word = app->add_subcommand(name, what);
  word->fallthrough()->callback([command, choose] { choose(command); });
  return word;
}

void AddSerial(CLI::App* word, CertificateArguments& a) {
  word->add_option("SERIAL", a.serial,
                   "the certificate's, as `openssl x509 -serial` prints it")
      ->required();
}

}  // namespace

void AddCertificateWords(CLI::App& app, CertificateArguments& arguments,
                         const Choose& choose) {
  CertificateArguments& a = arguments;
  CLI::App* cert =
      app.add_subcommand("cert", "certificates that were issued over EST")
          ->require_subcommand(1)
          ->fallthrough();
  auto* list = Word(cert, "list", "one in a line", ListCertificates, choose);
  list->add_option("--profile", a.profile, "of this label only");
  list->add_option("--subject", a.subject, "of this serial number or name");
  auto* revoked = list->add_flag("--revoked", a.only_revoked);
  list->add_flag("--not-revoked", a.only_valid)->excludes(revoked);
  auto* get = Word(cert, "get", "one of them", GetCertificate, choose);
  AddSerial(get, a);
  get->add_option("--out", a.out_file, "where to write it, PEM");
  auto* revoke =
      Word(cert, "revoke", "for good; blocks the device that has it on record",
           RevokeCertificate, choose);
  AddSerial(revoke, a);
  revoke->add_option("--reason", a.reason, "unspecified when absent")
      ->check(CLI::IsMember({"unspecified", "keyCompromise",
                             "affiliationChanged", "superseded",
                             "cessationOfOperation", "privilegeWithdrawn"}));
  revoke->add_option("--request-id", a.request_id,
                     "your own, so that the command can be repeated");
  CLI::App* est = app.add_subcommand("est", "who may ask for a certificate")
                      ->require_subcommand(1)
                      ->fallthrough();
  CLI::App* token = est->add_subcommand("token", "one-time tokens")
                        ->require_subcommand(1)
                        ->fallthrough();
  auto* create = Word(token, "create", "for one certificate of each subject",
                      CreateEnrollmentToken, choose);
  create->add_option("SUBJECT", a.subjects, "serial numbers, or DNS names")
      ->required();
  create->add_option("--profile", a.profile, "its label")->required();
  create->add_option("--expires-in", a.expires_in, "24h when absent");
}

}  // namespace masa::masactl
