#include "CLI/CLI.hpp"
#include "services/masactl/voucher_commands.h"

namespace masa::masactl {
namespace {

using Choose = std::function<void(VoucherCommand)>;

CLI::App* Word(CLI::App* app, const char* name, const char* what,
               VoucherCommand command, const Choose& choose) {
  auto* word = app->add_subcommand(name, what);
  word->fallthrough()->callback([command, choose] { choose(command); });
  return word;
}

// What is asked for, whatever the device.
void AddOrder(CLI::App* word, IssueArguments& issue) {
  word->add_option("--domain-cert", issue.domain_cert_file,
                   "certificate to pin, PEM or DER");
  word->add_flag("--est", issue.est,
                 "for the EST server on record: pin its certificate");
  word->add_option("--expires-in", issue.expires_in, "20m, 720h");
  word->add_flag("--endless", issue.endless,
                 "neither nonce nor end, where product and customer may");
  word->add_option("--format", issue.format, "cms when absent")
      ->check(CLI::IsMember({"cms", "jws", "cose"}));
}

void AddIssue(CLI::App* voucher, VoucherArguments& a, const Choose& choose) {
  auto* issue = Word(
      voucher, "issue", "issue a voucher for each of these devices",
      [](const CommonOptions& options, const VoucherArguments& a,
         Terminal terminal) {
        return a.issue.serials.size() == 1 && a.issue.serials_file.empty()
                   ? IssueVoucher(options, a.issue, terminal)
                   : IssueVouchers(options, a.issue, terminal);
      },
      choose);
  issue->add_option("--serial", a.issue.serials, "one or several");
  issue->add_option("--serials", a.issue.serials_file,
                    "a file of serial numbers, one a line");
  AddOrder(issue, a.issue);
  issue->add_option("--nonce", a.issue.nonce,
                    "base64, 8 to 32 octets; for one device");
  issue
      ->add_option("--out", a.issue.out_file,
                   "where to write it; in a folder, VOUCHER-ID.vcj, .vjj or "
                   ".vch, and SERIAL.vcj for several")
      ->required();
}

void AddExport(CLI::App* voucher, VoucherArguments& a, const Choose& choose) {
  auto* exported = Word(
      voucher, "export", "one voucher for each device of a customer",
      [](const CommonOptions& options, const VoucherArguments& a,
         Terminal terminal) {
        return ExportVouchers(options, a.organization, a.issue, terminal);
      },
      choose);
  exported->add_option("--organization", a.organization)->required();
  AddOrder(exported, a.issue);
  exported
      ->add_option("--out", a.issue.out_file,
                   "the tar to write, with a manifest of digests")
      ->required();
}

void AddClaims(CLI::App* voucher, VoucherArguments& a, const Choose& choose) {
  Word(
      voucher, "pending", "claims that wait for approval",
      [](const CommonOptions& options, const VoucherArguments&,
         Terminal terminal) { return ListClaims(options, terminal); },
      choose);
  auto* approve = Word(
      voucher, "approve", "let a claim have its voucher",
      [](const CommonOptions& options, const VoucherArguments& a,
         Terminal terminal) {
        return DecideClaim(options, a.claim, true, "", terminal);
      },
      choose);
  auto* decline = Word(
      voucher, "decline", "refuse a claim",
      [](const CommonOptions& options, const VoucherArguments& a,
         Terminal terminal) {
        return DecideClaim(options, a.claim, false, a.reason, terminal);
      },
      choose);
  for (CLI::App* decide : {approve, decline}) {
    decide->add_option("CLAIM", a.claim, "as `pending` shows it")->required();
  }
  decline->add_option("--reason", a.reason, "shown to the registrar");
}

}  // namespace

void AddVoucherWords(CLI::App& app, VoucherArguments& a, const Choose& choose) {
  CLI::App* voucher =
      app.add_subcommand("voucher", "vouchers without a registrar")
          ->require_subcommand(1)
          ->fallthrough();
  AddIssue(voucher, a, choose);
  AddExport(voucher, a, choose);
  auto* anchors = Word(
      voucher, "anchors", "the keys that sign vouchers, and what verifies them",
      [](const CommonOptions& options, const VoucherArguments& a,
         Terminal terminal) {
        return ShowAnchors(options, a.issue.out_file, terminal);
      },
      choose);
  anchors->add_option("--out", a.issue.out_file,
                      "writes their anchors to a file, PEM");
  AddClaims(voucher, a, choose);
}

}  // namespace masa::masactl
