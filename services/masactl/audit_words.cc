#include "CLI/CLI.hpp"
#include "services/masactl/audit_commands.h"
#include "services/masactl/positive_count.h"

namespace masa::masactl {
namespace {

CLI::App* Word(CLI::App* audit, const char* name, const char* what,
               const std::function<void(AuditCommand)>& choose,
               AuditCommand command) {
  auto* word = audit->add_subcommand(name, what);
  word->fallthrough()->callback([choose, command] { choose(command); });
  return word;
}

void AddFilter(CLI::App* list, AuditArguments& arguments) {
  list->add_option("--device", arguments.serial, "of this serial number");
  list->add_option("--organization", arguments.organization,
                   "of devices that are this customer's now");
  list->add_option("--kind", arguments.kind, "voucher-issued and so on");
  list->add_option("--actor", arguments.actor, "of what this caller did");
  list->add_option("--since", arguments.since, "as 24h: not older than that");
  list->add_option("--most", arguments.most, "events to show; 100")
      ->check(PositiveCount());
}

void AddProof(CLI::App* proof, AuditArguments& arguments) {
  proof->add_option("EVENT", arguments.event_id, "the event's id");
  proof->add_option("--voucher", arguments.voucher_id,
                    "of the issuance of the voucher with this id");
  proof->add_option("--out", arguments.out_file, "file for the receipt")
      ->required();
}

void AddVerify(CLI::App* verify, AuditArguments& arguments) {
  verify->add_option("--receipt", arguments.receipt_file,
                     "a receipt alone; needs no service");
  verify->add_option("--folder", arguments.folder,
                     "the log in a folder, of `audit export` or of the "
                     "service's mirror; needs no service");
  verify->add_option("--log-key", arguments.log_key_file,
                     "file with the log's key: its certificate, PEM, or its "
                     "line name+hash+base64");
  verify->add_flag("--at-service", arguments.at_service,
                   "the service verifies its own log, in the background; for "
                   "who trusts it, and for logs that are long");
}

}  // namespace

void AddAuditWords(CLI::App& app, AuditArguments& arguments,
                   const std::function<void(AuditCommand)>& choose) {
  CLI::App* audit = app.get_subcommand("audit");
  AddFilter(Word(audit, "list", "events, the newest first", choose, ListAudit),
            arguments);
  auto* tail = Word(audit, "tail", "events as they come, until interrupted",
                    choose, TailAudit);
  tail->add_option("--from", arguments.from, "number in the log; 0 when absent")
      ->check(LogPlace());
  tail->add_flag("--until-now", arguments.until_now,
                 "end where the log ends now");
  AddProof(Word(audit, "proof", "a receipt: proof that an event is in the log",
                choose, ProveAudit),
           arguments);
  Word(audit, "export",
       "the whole log into a folder, or what is new since the last time",
       choose, ExportAudit)
      ->add_option("--out", arguments.folder, "the folder")
      ->required();
  AddVerify(Word(audit, "verify",
                 "check the log against its signed checkpoints, event after "
                 "event",
                 choose, VerifyAudit),
            arguments);
}

}  // namespace masa::masactl
